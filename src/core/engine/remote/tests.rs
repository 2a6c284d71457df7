//! The wire: whatever it can carry comes out as it went in, a change of it asks for a new number,
//! and bytes that are no message are an error.

use std::collections::BTreeSet;

use serde_reflection::{
    ContainerFormat, Format, Registry, Samples, Tracer, TracerConfig, VariantFormat,
};
use sha2::{Digest, Sha256};

use crate::base::text::hex;
use crate::protocol as words;

use super::frames::{self, LONGEST_ASK, LONGEST_NEWS};
use super::words::{LiveOrder, RemoteCommand, RemoteReply, ToHolder, ToJoined, WIRE};

/// The shape of everything that wire number `WIRE` carries.
const SHAPE: &str = "b4abf29be8286f9f507fbabba934f29e1524d35e4258260a87368ec32d6f1494";

/// All strings of generated messages: pictures have a type that is known.
const TEXT: &str = "image/png";

/// The shapes of all types that cross.
fn shapes() -> Registry {
    let mut tracer = Tracer::new(TracerConfig::default().default_string_value(TEXT.into()));
    let samples = Samples::new();
    macro_rules! trace {
        ($($type:ty),* $(,)?) => {
            $(tracer.trace_type::<$type>(&samples).unwrap();)*
        };
    }
    trace!(LiveOrder, super::live::AskAnswer, ToHolder, ToJoined, RemoteCommand, RemoteReply, Result<RemoteReply, words::Problem>);
    trace!(std::net::IpAddr, words::HostName, words::EventKind, words::TurnCommand);
    trace!(words::ActionKind, words::Agent, words::ApprovalMode, words::ApprovalResponse);
    trace!(words::ApprovalSubject, words::Ask, words::ChildNews, words::CommandExit);
    trace!(words::Compactor, words::Completeness, words::Confinement, words::DiffBase);
    trace!(
        words::DiffKind,
        words::Direction,
        words::ItemKind,
        words::ItemOpening,
        words::McpCommand
    );
    trace!(words::McpOwner, words::McpRequest, words::McpState, words::OutputRest);
    trace!(words::Patches, words::ProblemKind, words::PromptPlace, words::ReviewedState);
    trace!(words::RuleSource, words::RuleSubject, words::Ruling, words::Sandbox);
    trace!(words::SandboxOpening, words::SaveState, words::Selection, words::ServiceTier);
    trace!(words::SettingsCommand, words::TodoState, words::ToolResult, words::TranscriptEntry);
    trace!(words::TurnOutcome, words::UndoAction, words::UnqueueReason, words::Verbosity);
    trace!(words::WebAccess, words::CallState, words::DenialCause, words::Found);
    trace!(words::HostLocation, words::Location, words::Look, words::McpTrust, words::Presence);
    trace!(words::GoBackPart, words::LimitStage);
    trace!(words::RequestedConfinement, words::SharedNamespaces, words::Unjoined);
    trace!(
        words::UserReply,
        words::ContextPart,
        words::PromptTiming,
        words::QueueCommand,
        words::WebAction,
        words::WebSearchState,
        words::ClientAct
    );
    tracer.registry().unwrap()
}

/// Makes messages of a shape, byte for byte as postcard does.
struct Generator<'a> {
    shapes: &'a Registry,
    /// The state of a small generator of numbers.
    seed: u64,
    /// Variants that were made so far.
    made: BTreeSet<(String, u32)>,
}

impl Generator<'_> {
    fn number(&mut self, below: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.seed >> 33) % below
    }

    fn any(&mut self, format: &Format, depth: usize, to: &mut Vec<u8>) {
        match format {
            Format::TypeName(name) => self.container(name, depth, to),
            Format::Unit => {}
            Format::Bool => to.push(self.number(2) as u8),
            // One byte each, as varints and zigzag varints are below 64.
            Format::U8
            | Format::U16
            | Format::U32
            | Format::U64
            | Format::U128
            | Format::I8
            | Format::I16
            | Format::I32
            | Format::I64
            | Format::I128 => to.push(self.number(64) as u8),
            Format::F32 => to.extend(1.5_f32.to_le_bytes()),
            Format::F64 => to.extend(1.5_f64.to_le_bytes()),
            Format::Char => to.extend([1, b'c']),
            Format::Str => {
                to.push(TEXT.len() as u8);
                to.extend(TEXT.bytes());
            }
            Format::Bytes => to.extend([2, b'/', 0xff]),
            Format::Option(inner) => {
                let some = depth < 12 && self.number(2) == 1;
                to.push(u8::from(some));
                if some {
                    self.any(inner, depth, to);
                }
            }
            Format::Seq(inner) => {
                let some = depth < 12 && self.number(2) == 1;
                to.push(u8::from(some));
                if some {
                    self.any(inner, depth + 1, to);
                }
            }
            Format::Map { key, value } => {
                to.push(1);
                self.any(key, depth, to);
                self.any(value, depth, to);
            }
            Format::Tuple(parts) => parts.iter().for_each(|part| self.any(part, depth, to)),
            Format::TupleArray { content, size } => {
                (0..*size).for_each(|_| self.any(content, depth, to))
            }
            Format::Variable(_) => panic!("a shape that is not known"),
        }
    }

    fn container(&mut self, name: &str, depth: usize, to: &mut Vec<u8>) {
        let shapes = self.shapes;
        match &shapes[name] {
            ContainerFormat::UnitStruct => {}
            ContainerFormat::NewTypeStruct(inner) => self.any(inner, depth + 1, to),
            ContainerFormat::TupleStruct(parts) => {
                parts.iter().for_each(|part| self.any(part, depth + 1, to))
            }
            ContainerFormat::Struct(fields) => {
                fields.iter().for_each(|field| self.any(&field.value, depth + 1, to))
            }
            ContainerFormat::Enum(variants) => {
                let new = variants.keys().find(|at| !self.made.contains(&(name.to_owned(), **at)));
                let at = match new {
                    Some(at) => *at,
                    None => self.number(variants.len() as u64) as u32,
                };
                self.made.insert((name.to_owned(), at));
                assert!(at < 128, "its number takes one byte");
                to.push(at as u8);
                match &variants[&at].value {
                    VariantFormat::Unit => {}
                    VariantFormat::NewType(inner) => self.any(inner, depth + 1, to),
                    VariantFormat::Tuple(parts) => {
                        parts.iter().for_each(|part| self.any(part, depth + 1, to))
                    }
                    VariantFormat::Struct(fields) => {
                        fields.iter().for_each(|field| self.any(&field.value, depth + 1, to))
                    }
                    VariantFormat::Variable(_) => panic!("a shape that is not known"),
                }
            }
        }
    }
}

fn generator(shapes: &Registry) -> Generator<'_> {
    Generator { shapes, seed: 29, made: BTreeSet::new() }
}

#[test]
fn a_change_of_the_wire_asks_for_a_new_number() {
    let shape = hex(&Sha256::digest(format!("{:?}", shapes())));
    assert_eq!(
        shape, SHAPE,
        "raise WIRE (now {WIRE}), and write down this shape: programs of the old one join no more"
    );
}

#[test]
fn every_variant_that_crosses_comes_out_as_it_went_in() {
    let shapes = shapes();
    let mut generator = generator(&shapes);
    for _ in 0..20_000 {
        let mut bytes = Vec::new();
        generator.container("ToJoined", 0, &mut bytes);
        let message: ToJoined = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(postcard::to_stdvec(&message).unwrap(), bytes, "{message:?}");
        bytes.clear();
        generator.container("ToHolder", 0, &mut bytes);
        let message: ToHolder = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(postcard::to_stdvec(&message).unwrap(), bytes, "{message:?}");
        bytes.clear();
        generator.container("LiveOrder", 0, &mut bytes);
        let order: LiveOrder = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(postcard::to_stdvec(&order).unwrap(), bytes, "{order:?}");
    }
    for (name, shape) in &shapes {
        let ContainerFormat::Enum(variants) = shape else { continue };
        for (at, variant) in variants {
            let is_made = generator.made.contains(&(name.clone(), *at));
            assert!(is_made, "{name}::{} was never made", variant.name);
        }
    }
}

#[tokio::test]
async fn bytes_that_are_no_message_are_an_error_and_cost_no_memory() {
    let shapes = shapes();
    let mut generator = generator(&shapes);
    for _ in 0..10_000 {
        let mut bytes = Vec::new();
        generator.container("ToJoined", 0, &mut bytes);
        let mut frame = u32::try_from(bytes.len()).unwrap().to_le_bytes().to_vec();
        frame.extend(&bytes);
        for _ in 0..=generator.number(3) {
            let at = generator.number(frame.len() as u64) as usize;
            frame[at] = generator.number(256) as u8;
        }
        // It is a message or an error, and neither a panic nor a wait.
        let _either = frames::read::<ToJoined>(&mut &frame[..], LONGEST_NEWS).await;
    }
    let huge = (LONGEST_ASK + 1).to_le_bytes();
    assert!(frames::read::<ToHolder>(&mut &huge[..], LONGEST_ASK).await.is_err());
    let half = [9, 0, 0, 0, 1];
    assert!(frames::read::<ToHolder>(&mut &half[..], LONGEST_ASK).await.is_err());
    assert!(frames::read::<ToHolder>(&mut &[][..], LONGEST_ASK).await.unwrap().is_none());
}

#[test]
fn a_prompt_with_all_the_pictures_that_a_screen_takes_fits_into_a_message() {
    let picture = words::Picture { mime: "image/png", data: "A".repeat(6 << 20).into() };
    let prompt = words::UserPrompt { images: vec![picture; 4], ..words::UserPrompt::default() };
    let command = RemoteCommand::Turn("s".into(), words::TurnCommand::Submit(prompt));
    let frame = frames::encode(&ToHolder::Ask(command), LONGEST_ASK).unwrap();
    assert!(frame.len() > 24 << 20);
}
