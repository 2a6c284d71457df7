//! The answer of a call: text and pictures for the model.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rmcp::model::{CallToolResult, ContentBlock, ResourceContents};

use crate::base::phrases::size;
use crate::base::text::clean;
use crate::protocol::{CallOutput, Picture};
use crate::tools::picture_of_bytes;

/// Pictures of one answer, and bytes of one as it comes.
const PICTURES: usize = 8;
const LARGEST: usize = 20 << 20;

/// The answer as an output of `tool`. Takes its time where there are large pictures.
pub fn output(tool: &str, result: CallToolResult) -> CallOutput {
    let (mut parts, mut images) = (Vec::new(), Vec::new());
    for block in result.content {
        match block {
            ContentBlock::Text(text) => parts.push(text.text),
            ContentBlock::Image(image) => match picture(tool, &image.data, images.len()) {
                Ok(picture) => images.push(picture),
                Err(why) => parts.push(format!("[A picture is left out: {why}]")),
            },
            ContentBlock::Audio(audio) => {
                parts.push(format!("[Sound of {} is left out]", size(audio.data.len() as u64)));
            }
            ContentBlock::Resource(embedded) => parts.push(resource(embedded.resource)),
            ContentBlock::ResourceLink(link) => {
                parts.push(format!("[{}]({})", link.name, link.uri))
            }
            _ => parts.push("[Content of an unknown kind is left out]".into()),
        }
    }
    if parts.is_empty() && images.is_empty() {
        parts.extend(result.structured_content.map(|content| content.to_string()));
    }
    if parts.is_empty() && images.is_empty() {
        parts.push("(The tool answered nothing)".into());
    }
    let text = clean(&parts.join("\n\n")).into_owned();
    CallOutput { images, ok: result.is_error != Some(true), ..CallOutput::text(tool, text) }
}

/// A part of a prompt as text.
pub fn words(block: ContentBlock) -> String {
    match block {
        ContentBlock::Text(text) => text.text,
        ContentBlock::Resource(embedded) => resource(embedded.resource),
        ContentBlock::ResourceLink(link) => format!("[{}]({})", link.name, link.uri),
        _ => "[Content that is no text is left out]".into(),
    }
}

/// A resource as text.
pub fn resource(contents: ResourceContents) -> String {
    match contents {
        ResourceContents::TextResourceContents { text, .. } => text,
        ResourceContents::BlobResourceContents { uri, blob, .. } => {
            format!("[{uri}: {} of binary data are left out]", size(blob.len() as u64 * 3 / 4))
        }
        _ => "[Content of an unknown kind is left out]".into(),
    }
}

fn picture(tool: &str, data: &str, before: usize) -> Result<Picture, String> {
    if before >= PICTURES {
        return Err(format!("an answer may hold {PICTURES}"));
    }
    if data.len() > LARGEST {
        return Err(format!("{} are too many", size(data.len() as u64)));
    }
    let bytes = STANDARD.decode(data.trim()).map_err(|_unusable| "it is not base64".to_owned())?;
    picture_of_bytes(tool, &bytes).map(|it| it.picture).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(result: serde_json::Value) -> CallOutput {
        output("t", serde_json::from_value(result).unwrap())
    }

    #[test]
    fn every_kind_of_content_becomes_something_that_a_model_reads() {
        for (result, text, ok) in [
            (json!({ "content": [{ "type": "text", "text": "a\u{1b}[2J" }] }), "a␛[2J", true),
            (
                json!({ "content": [{ "type": "text", "text": "a" }], "isError": true,
                    "structuredContent": { "b": 1 } }),
                "a",
                false,
            ),
            (json!({ "content": [], "structuredContent": { "b": 1 } }), r#"{"b":1}"#, true),
            (
                json!({ "content": [{ "type": "resource", "resource": { "uri": "u", "text": "x" } },
                    { "type": "resource_link", "uri": "file:///a", "name": "a" }] }),
                "x\n\n[a](file:///a)",
                true,
            ),
        ] {
            let output = answer(result.clone());
            assert_eq!((output.text.as_str(), output.ok), (text, ok), "{result}");
        }
    }

    #[test]
    fn a_picture_that_cannot_be_used_is_told_and_takes_no_memory() {
        let image =
            |data: String| json!({ "type": "image", "data": data, "mimeType": "image/png" });
        for data in ["not base64!".to_owned(), "AAAA".to_owned(), "A".repeat(40 << 20)] {
            let output = answer(json!({ "content": [image(data)] }));
            assert!(output.images.is_empty() && output.text.len() < 200, "{}", output.text);
        }
    }
}
