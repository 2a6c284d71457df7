//! `/connect`: the list of providers, the sign-in methods and the sign-ins; each stage is a machine
//! of its own.

mod api_key;
mod browser;
mod go;
mod headless;
mod other;
mod provider_rows;
mod providers;
mod sign_in_error;
mod ways;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};
use uuid::Uuid;

use self::api_key::ApiKey;
pub use self::browser::Browser;
pub use self::go::Go;
use self::go::WayRow;
use self::headless::Headless;
use self::other::OtherProvider;
use self::providers::Providers;
use self::ways::Ways;
use crate::base::Timestamp;
use crate::protocol::{
    AccountCommand, Command, KeyCheck, ProviderId, SignInId, SignInLifetime, SignInStep, SignInWay,
};
use crate::tui::messages::{Cmd, Toward};
use crate::tui::overlay::{DialogReply, NotePlace};
use crate::tui::paint::Canvas;
use crate::tui::program_facts::Facts;

/// The dialog at one of its stages.
#[derive(Debug)]
pub struct Connect {
    stage: Stage,
    /// Why it opened unasked.
    why: Option<&'static str>,
    /// The last sign-in that was started.
    attempt: SignInId,
}

#[derive(Debug)]
enum Stage {
    ApiKey(ApiKey),
    Browser(Browser),
    Headless(Headless),
    Other(OtherProvider),
    Providers(Providers),
    Ways(Ways),
}

impl Connect {
    pub fn new(facts: &Facts) -> Self {
        Self { stage: Stage::Providers(Providers::new(facts)), why: None, attempt: new_attempt() }
    }

    /// Opens it with a line that gives the reason.
    pub fn because(why: &'static str, facts: &Facts) -> Self {
        Self { why: Some(why), ..Self::new(facts) }
    }

    /// Points at this provider, which the person will want.
    pub fn at(mut self, provider: &ProviderId) -> Self {
        if let Stage::Providers(stage) = &mut self.stage {
            stage.point_at(provider);
        }
        self
    }

    /// Goes on to the ways to sign in to OpenAI.
    pub fn choosing_a_way(self, facts: &Facts) -> Self {
        Self { stage: Stage::Ways(Ways::new(facts)), ..self }
    }

    pub fn key(&mut self, key: &KeyEvent, facts: &Facts) -> DialogReply {
        let go = match &mut self.stage {
            Stage::ApiKey(stage) => stage.key(key, facts.now),
            Stage::Browser(stage) => stage.key(key),
            Stage::Headless(stage) => stage.key(key),
            Stage::Other(stage) => stage.key(key, facts),
            Stage::Providers(stage) => stage.key(key, facts),
            Stage::Ways(stage) => stage.key(key),
        };
        self.follow(go, facts)
    }

    pub fn paste(&mut self, text: &str) {
        match &mut self.stage {
            Stage::ApiKey(stage) => stage.paste(text),
            Stage::Browser(stage) => stage.paste(text),
            Stage::Other(stage) => stage.paste(text),
            Stage::Providers(stage) => stage.picker.paste(text),
            Stage::Headless(_) | Stage::Ways(_) => {}
        }
    }

    /// Selects the row in a cell of the screen; `true` if it is to be chosen, too.
    pub fn click(&mut self, at: Position) -> bool {
        match &mut self.stage {
            Stage::Providers(stage) => return stage.picker.click(at),
            Stage::Ways(stage) => stage.click(at),
            Stage::ApiKey(_) | Stage::Browser(_) | Stage::Headless(_) | Stage::Other(_) => {}
        }
        false
    }

    pub fn wheel(&mut self, toward: Toward) {
        let code = if toward == Toward::End { KeyCode::Down } else { KeyCode::Up };
        match &mut self.stage {
            Stage::Providers(stage) => stage.picker.jump(toward.step()),
            Stage::Ways(stage) => drop(stage.key(&KeyEvent::from(code))),
            Stage::ApiKey(_) | Stage::Browser(_) | Stage::Headless(_) | Stage::Other(_) => {}
        }
    }

    /// Handles a step of a sign-in; ignores all but the last one started here.
    pub fn step(&mut self, attempt: &SignInId, step: &SignInStep, facts: &Facts) {
        if *attempt != self.attempt {
            return;
        }
        match &mut self.stage {
            Stage::ApiKey(stage) => stage.step(step, facts.now),
            Stage::Browser(stage) => stage.step(step),
            Stage::Headless(stage) => stage.step(step),
            Stage::Other(_) | Stage::Providers(_) | Stage::Ways(_) => {}
        }
    }

    /// The last sign-in that was started here.
    #[cfg(test)]
    pub fn attempt(&self) -> &SignInId {
        &self.attempt
    }

    /// Whether a sign-in was started here, so that its success closes the dialog.
    pub fn is_signing_in(&self) -> bool {
        matches!(self.stage, Stage::ApiKey(_) | Stage::Browser(_) | Stage::Headless(_))
    }

    /// Where a short note may be drawn.
    pub fn note_place(&self) -> NotePlace {
        if let Stage::Headless(stage) = &self.stage { stage.note_place() } else { NotePlace::Above }
    }

    /// Whether the next key may disconnect a provider.
    pub fn is_asking(&self) -> bool {
        matches!(&self.stage, Stage::Providers(stage) if stage.is_asking())
    }

    pub fn refresh(&mut self, facts: &Facts) {
        match &mut self.stage {
            Stage::Providers(stage) => stage.refresh(facts),
            Stage::Other(stage) => {
                if let Some(own) = stage.written(facts).and_then(|id| facts.own_provider(&id)) {
                    self.stage = Stage::ApiKey(ApiKey::of(own));
                }
            }
            Stage::ApiKey(_) | Stage::Browser(_) | Stage::Headless(_) | Stage::Ways(_) => {}
        }
    }

    /// Takes it that the settings were not written.
    pub fn not_written(&mut self, message: &str) {
        if let Stage::Other(stage) = &mut self.stage {
            stage.refused(message);
        }
    }

    pub fn wakes(&self, now: Timestamp) -> Option<Timestamp> {
        match &self.stage {
            Stage::Browser(stage) => stage.wakes(now),
            Stage::Headless(stage) => stage.wakes(now),
            Stage::ApiKey(_) | Stage::Other(_) | Stage::Providers(_) | Stage::Ways(_) => None,
        }
    }

    pub fn draw(&mut self, facts: &Facts, area: Rect, canvas: &mut Canvas) -> Option<Position> {
        match &mut self.stage {
            Stage::ApiKey(stage) => Some(stage.draw(area, canvas)),
            Stage::Browser(stage) => stage.draw(facts, area, canvas),
            Stage::Headless(stage) => {
                stage.draw(facts, area, canvas);
                None
            }
            Stage::Other(stage) => stage.draw(area, canvas),
            Stage::Providers(stage) => Some(stage.draw(self.why, facts, area, canvas)),
            Stage::Ways(stage) => {
                stage.draw(facts, area, canvas);
                None
            }
        }
    }

    fn follow(&mut self, go: Go, facts: &Facts) -> DialogReply {
        match go {
            Go::Stay(reply) => reply,
            Go::Close => DialogReply::close(),
            Go::Ways => {
                self.stage = Stage::Ways(Ways::new(facts));
                DialogReply::stay()
            }
            Go::Key(id) => {
                let Some(own) = facts.own_provider(&id) else { return DialogReply::stay() };
                self.stage = Stage::ApiKey(ApiKey::of(own));
                DialogReply::stay()
            }
            Go::Describe(form) => {
                self.stage = Stage::Other(*form);
                DialogReply::stay()
            }
            Go::Write(command) => DialogReply::run([Cmd::Send(Command::Config(command))]),
            Go::Back => self.back(facts),
            Go::Browser => self.change_to(WayRow::Browser, facts),
            Go::Headless => self.change_to(WayRow::Headless, facts),
            Go::Way(way) => self.begin(way, facts),
            Go::Paste(text) => {
                let attempt = self.attempt.clone();
                DialogReply::ask([AccountCommand::PasteCallback { attempt, text }])
            }
            Go::SignIn(way, check) => DialogReply::ask([self.sign_in(way, check)]),
        }
    }

    fn back(&mut self, facts: &Facts) -> DialogReply {
        let way = match &self.stage {
            Stage::ApiKey(stage) if !stage.provider().is_openai() => {
                self.stage = Stage::Providers(Providers::new(facts));
                let attempt = self.attempt.clone();
                return DialogReply::ask([AccountCommand::CancelSignIn(attempt)]);
            }
            Stage::ApiKey(_) => WayRow::ApiKey,
            Stage::Browser(_) => WayRow::Browser,
            Stage::Headless(_) => WayRow::Headless,
            Stage::Providers(_) => return DialogReply::close(),
            Stage::Other(_) | Stage::Ways(_) => {
                self.stage = Stage::Providers(Providers::new(facts));
                return DialogReply::stay();
            }
        };
        self.stage = Stage::Ways(Ways::at(way));
        DialogReply::ask([AccountCommand::CancelSignIn(self.attempt.clone())])
    }

    /// Changes to another sign-in method.
    fn change_to(&mut self, way: WayRow, facts: &Facts) -> DialogReply {
        let cancel = AccountCommand::CancelSignIn(self.attempt.clone());
        let cancel = Cmd::Send(Command::Account(cancel));
        let mut reply = self.begin(way, facts);
        reply.cmds.insert(0, cancel);
        reply
    }

    fn begin(&mut self, way: WayRow, facts: &Facts) -> DialogReply {
        let (stage, command) = match way {
            WayRow::ApiKey => (Stage::ApiKey(ApiKey::new()), None),
            WayRow::Browser => (Stage::Browser(Browser::new()), Some(SignInWay::Browser)),
            WayRow::Headless => (Stage::Headless(Headless::new(facts)), Some(SignInWay::Headless)),
        };
        self.stage = stage;
        DialogReply::ask(command.map(|way| self.sign_in(way, KeyCheck::First)))
    }

    fn sign_in(&mut self, way: SignInWay, check: KeyCheck) -> AccountCommand {
        self.attempt = new_attempt();
        AccountCommand::SignIn {
            attempt: self.attempt.clone(),
            provider: match &self.stage {
                Stage::ApiKey(stage) => stage.provider().clone(),
                _ => ProviderId::openai(),
            },
            way,
            check,
            lifetime: SignInLifetime::Client,
        }
    }
}

fn new_attempt() -> SignInId {
    SignInId::new(Uuid::now_v7().simple().to_string())
}
