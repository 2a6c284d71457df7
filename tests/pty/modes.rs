//! Modes that a program switched on in its terminal and not off again.

use std::collections::BTreeMap;

use super::sequences::Sequence;

#[derive(Clone, Debug, Default)]
pub struct Modes {
    /// Private modes (`CSI ? n h` and `l`) by their number.
    private: BTreeMap<u32, Switch>,
    /// Flags of the kitty keyboard protocol, as pushed.
    kitty: Vec<u32>,
    /// `CSI > 4 ; n m`.
    other_keys: u32,
    cursor_style: u32,
    application_keypad: Option<Switch>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Switch {
    Off,
    On,
}

/// Modes that are off in a fresh terminal, by name. The cursor (25), wrapping (7) and the like are
/// on.
const OFF_AT_FIRST: [(u32, &str); 17] = [
    (1, "application cursor keys"),
    (9, "mouse (X10)"),
    (47, "alternate screen (47)"),
    (1000, "mouse (1000)"),
    (1002, "mouse (1002)"),
    (1003, "mouse (1003)"),
    (1004, "focus reports"),
    (1005, "mouse encoding (1005)"),
    (1006, "mouse encoding (1006)"),
    (1015, "mouse encoding (1015)"),
    (1016, "mouse encoding (1016)"),
    (1047, "alternate screen (1047)"),
    (1049, "alternate screen"),
    (2004, "bracketed paste"),
    (2026, "synchronized output"),
    (2031, "colour scheme reports"),
    (2048, "resize reports"),
];
const ON_AT_FIRST: [(u32, &str); 2] = [(7, "no wrapping"), (25, "hidden cursor")];

impl Modes {
    pub fn apply(&mut self, sequence: &Sequence) {
        match sequence {
            Sequence::Csi { mark: Some(b'?'), parameters, last: last @ (b'h' | b'l'), .. } => {
                let switch = if *last == b'h' { Switch::On } else { Switch::Off };
                self.private.extend(parameters.iter().map(|number| (*number, switch)));
            }
            Sequence::Csi { mark: Some(b'>'), parameters, last: b'u', .. } => {
                self.kitty.push(first(parameters, 0))
            }
            Sequence::Csi { mark: Some(b'<'), parameters, last: b'u', .. } => {
                let left = self.kitty.len().saturating_sub(first(parameters, 1).max(1) as usize);
                self.kitty.truncate(left);
            }
            Sequence::Csi { mark: Some(b'='), parameters, last: b'u', .. } => {
                self.kitty.pop();
                self.kitty.extend(Some(first(parameters, 0)).filter(|flags| *flags > 0));
            }
            Sequence::Csi { mark: Some(b'>'), parameters, last: b'm', .. }
                if first(parameters, 0) == 4 =>
            {
                self.other_keys = parameters.get(1).copied().unwrap_or(0);
            }
            Sequence::Csi { mark: None, parameters, between, last: b'q' } if between == b" " => {
                self.cursor_style = first(parameters, 0)
            }
            Sequence::Escape(b'=') => self.application_keypad = Some(Switch::On),
            Sequence::Escape(b'>') => self.application_keypad = Some(Switch::Off),
            // A full reset.
            Sequence::Escape(b'c') => *self = Self::default(),
            _ => {}
        }
    }

    pub fn is_on(&self, number: u32) -> bool {
        self.private.get(&number) == Some(&Switch::On)
    }

    /// Whether keys that were ambiguous are sent as `CSI … u`.
    pub fn disambiguates_keys(&self) -> bool {
        self.kitty.last().is_some_and(|flags| flags & 1 == 1)
    }

    /// Names of the modes that differ from a fresh terminal.
    pub fn leftovers(&self) -> Vec<String> {
        let on = OFF_AT_FIRST.iter().filter(|(number, _)| self.is_on(*number));
        let off =
            ON_AT_FIRST.iter().filter(|(number, _)| self.private.get(number) == Some(&Switch::Off));
        let mut names: Vec<String> = on.chain(off).map(|(_, name)| (*name).to_owned()).collect();
        names.extend((!self.kitty.is_empty()).then(|| "kitty keyboard".to_owned()));
        names.extend((self.other_keys > 0).then(|| "modified keys".to_owned()));
        names.extend((self.cursor_style > 0).then(|| "cursor style".to_owned()));
        names.extend(
            (self.application_keypad == Some(Switch::On)).then(|| "application keypad".to_owned()),
        );
        names
    }
}

fn first(parameters: &[u32], default: u32) -> u32 {
    parameters.first().copied().unwrap_or(default)
}

#[cfg(test)]
mod tests {
    use super::super::sequences::Sequences;
    use super::*;

    fn leftovers(stream: &str) -> Vec<String> {
        let mut modes = Modes::default();
        Sequences::default()
            .feed(stream.as_bytes())
            .iter()
            .for_each(|sequence| modes.apply(sequence));
        modes.leftovers()
    }

    #[test]
    fn what_is_switched_on_stays_until_it_is_switched_off() {
        for (on, off, name) in [
            ("\x1b[?1049h", "\x1b[?1049l", "alternate screen"),
            ("\x1b[?25l", "\x1b[?25h", "hidden cursor"),
            ("\x1b[?2004h", "\x1b[?2004l", "bracketed paste"),
            ("\x1b[?1003;1006h\x1b[?1006l", "\x1b[?1003l", "mouse (1003)"),
            ("\x1b[?1004h", "\x1b[?1004l", "focus reports"),
            ("\x1b[>1u", "\x1b[<u", "kitty keyboard"),
            ("\x1b[>1u\x1b[>3u", "\x1b[<2u", "kitty keyboard"),
            ("\x1b[=5u", "\x1b[=0u", "kitty keyboard"),
            ("\x1b[>4;2m", "\x1b[>4;0m", "modified keys"),
            ("\x1b[5 q", "\x1b[0 q", "cursor style"),
            ("\x1b=", "\x1b>", "application keypad"),
            ("\x1b[?2026h", "\x1bc", "synchronized output"),
        ] {
            assert_eq!(leftovers(on), [name]);
            assert_eq!(leftovers(&format!("{on}{off}")), Vec::<String>::new(), "{name}");
        }
        assert_eq!(leftovers("\x1b[>1u\x1b[>3u\x1b[<u"), ["kitty keyboard"]);
    }
}
