//! Starting a program apart from this one: in a session of its own, so that it has no terminal and
//! no signal of a terminal reaches it. It is not kept in.

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use crate::sandbox::program::APART;

/// The exit code where the program could not be started, as a shell has it.
pub const NOT_STARTED: u8 = 127;

/// The command with which `own`, this program, starts another one apart. It reads nothing and shows
/// nothing.
pub fn apart(own: &Path, program: &[String]) -> Command {
    let mut command = Command::new(own);
    command.arg(APART).args(program);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Becomes the program that the arguments name; comes back only where that fails.
pub fn serve(mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let why = match (arguments.next(), rustix::process::setsid()) {
        (Some(program), Ok(_)) => Command::new(program).args(arguments).exec(),
        (None, _) => io::ErrorKind::InvalidInput.into(),
        (_, Err(error)) => error.into(),
    };
    // There is hardly anybody to read it.
    let _unheard = writeln!(io::stderr(), "codling: the program was not started: {why}");
    ExitCode::from(NOT_STARTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_comes_before_the_program_and_its_arguments() {
        let command = apart(Path::new("/bin/codling"), &["say".to_owned(), "{}".to_owned()]);
        let arguments: Vec<_> = command.get_args().collect();
        assert_eq!(arguments, [APART, "say", "{}"]);
    }
}
