//! `codling doctor`: looks the installation over, and says of each part how it is and what to do
//! next. Changes nothing, and is told all that it judges.

#![warn(missing_docs)]

mod facts;
mod findings;
mod privacy;
mod report;
mod surroundings;

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use crate::base::Console;
use crate::protocol::Exit;

pub use facts::{
    Certificates, DoctorFacts, Program, SandboxFacts, ServerTime, SettingsFacts, TerminalFacts,
};
use findings::{Finding, Mark};
use privacy::Privacy;

/// The form of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoctorForm {
    /// An array of objects, one for each part.
    Json,
    /// A line for each part, then the report.
    Text,
}

/// Prints what was found. The exit is a failure where something is wrong.
pub fn doctor(facts: &DoctorFacts, form: DoctorForm, console: &mut Console) -> Exit {
    let privacy = Privacy::of(facts);
    let found = findings::of(facts);
    match form {
        DoctorForm::Json => {
            let all = found.iter().map(|one| as_json(one, &privacy)).collect();
            console.line(&format!("{:#}", Value::Array(all)));
        }
        DoctorForm::Text => {
            for one in &found {
                console.line(&format!("{} {}", one.mark.sign(), privacy.shown(&one.text)));
                if let Some(next) = one.next.as_ref().filter(|_| one.mark != Mark::Good) {
                    console.line(&format!("    {}", privacy.shown(next)));
                }
            }
            console.line("");
            console.line("For a bug tracker (it holds no secrets, paths or names):");
            console.line("");
            for line in report::lines(facts, &found) {
                console.line(&format!("    {line}"));
            }
        }
    }
    console.flush();
    match found.iter().any(|one| one.mark == Mark::Bad) {
        true => Exit::Failed,
        false => Exit::Done,
    }
}

fn as_json(one: &Finding, privacy: &Privacy) -> Value {
    let next = one.next.as_ref().filter(|_| one.mark != Mark::Good);
    json!({
        "topic": one.topic,
        "mark": one.mark.word(),
        "text": privacy.shown(&one.text),
        "next": next.map(|next| privacy.shown(next)),
    })
}
