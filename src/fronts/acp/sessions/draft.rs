//! Content blocks as a prompt.

use agent_client_protocol::Error;
use agent_client_protocol::v1::schema::{ContentBlock, EmbeddedResourceResource, ResourceLink};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::base::phrases;
use crate::engine::picture_of_bytes;
use crate::protocol::{Notice, Picture};

use crate::acp::failure;

/// A prompt whose pictures have not been decoded yet.
#[derive(Debug, Default)]
pub struct Draft {
    pub text: String,
    pub pictures: Vec<SentPicture>,
    /// The names of attachments that cannot be sent: the model is told these names alone.
    pub left_out: Vec<String>,
}

/// A picture as it was sent.
#[derive(Debug)]
pub struct SentPicture {
    name: String,
    /// Base64.
    data: String,
}

impl Draft {
    /// Makes one prompt of the client's blocks: mentions stay in place, and attached texts follow.
    ///
    /// # Errors
    ///
    /// Fails with `invalid_params` for a block of a kind that no prompt can hold.
    pub fn of(blocks: Vec<ContentBlock>) -> Result<Self, Error> {
        let mut draft = Self::default();
        let mut attached = String::new();
        for block in blocks {
            match block {
                ContentBlock::Text(text) => draft.text.push_str(&text.text),
                ContentBlock::ResourceLink(link) => draft.text.push_str(&mention(&link)),
                ContentBlock::Image(image) => draft.picture(image.data),
                ContentBlock::Resource(resource) => match resource.resource {
                    EmbeddedResourceResource::TextResourceContents(resource) => {
                        let name = name_of(&resource.uri);
                        draft.text.push_str(&format!("[@{name}]({})", resource.uri));
                        let uri = resource.uri.replace('"', "%22");
                        let text = resource.text.trim_end_matches('\n');
                        attached
                            .push_str(&format!("\n\n<context ref=\"{uri}\">\n{text}\n</context>"));
                    }
                    EmbeddedResourceResource::BlobResourceContents(resource)
                        if resource
                            .mime_type
                            .as_ref()
                            .is_some_and(|it| it.starts_with("image/")) =>
                    {
                        draft.picture(resource.blob);
                    }
                    EmbeddedResourceResource::BlobResourceContents(resource) => {
                        let name = name_of(&resource.uri);
                        draft.text.push_str(&format!("[@{name}]({})", resource.uri));
                        draft.left_out.push(format!("`{name}`"));
                    }
                    _ => return Err(failure::invalid("A resource has to be text or a blob")),
                },
                ContentBlock::Audio(_) => {
                    return Err(failure::invalid("codling does not take audio"));
                }
                _ => return Err(failure::invalid("The prompt has a block of an unknown type")),
            }
        }
        draft.text.push_str(&attached);
        if draft.text.trim().is_empty() && draft.pictures.is_empty() {
            return Err(failure::invalid("The prompt is empty"));
        }
        Ok(draft)
    }

    /// Returns a notice that names the attachments that are not sent; `None` without any.
    pub fn notice(&self) -> Option<Notice> {
        let names = phrases::list(&self.left_out);
        (!self.left_out.is_empty()).then(|| Notice {
            message: format!(
                "The content of {names} was not sent: codling sends text and pictures"
            ),
            next: None,
        })
    }

    fn picture(&mut self, data: String) {
        let name = format!("image {}", self.pictures.len() + 1);
        self.pictures.push(SentPicture { name, data });
    }
}

impl SentPicture {
    /// Decodes the picture; this takes its time if the picture is large.
    ///
    /// # Errors
    ///
    /// Fails with `invalid_params` if the data is not base64, and if it is no picture that models
    /// accept.
    pub fn read(&self) -> Result<Picture, Error> {
        let Ok(bytes) = STANDARD.decode(&self.data) else {
            return Err(failure::invalid(format!("`{}` is not base64", self.name)));
        };
        let read = picture_of_bytes(&self.name, &bytes);
        read.map(|it| it.picture).map_err(|problem| failure::error(&problem, &[]))
    }
}

/// Returns a mention of a file or page that the model may look at.
fn mention(link: &ResourceLink) -> String {
    let name = if link.name.trim().is_empty() { name_of(&link.uri) } else { link.name.clone() };
    format!("[@{name}]({})", link.uri)
}

/// Returns the part of an address behind the last slash; the whole address if that is empty.
fn name_of(uri: &str) -> String {
    let name = uri.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    if name.is_empty() { uri.to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn draft(blocks: Value) -> Result<Draft, Error> {
        Draft::of(serde_json::from_value(blocks).unwrap())
    }

    #[test]
    fn what_is_mentioned_stays_where_it_was_mentioned_and_what_is_attached_follows() {
        let blocks = json!([
            { "type": "text", "text": "compare " },
            { "type": "resource_link", "uri": "file:///w/a.rs", "name": "a.rs" },
            { "type": "text", "text": " with " },
            { "type": "resource", "resource": { "uri": "file:///w/b.rs", "text": "fn b() {}\n" } },
            { "type": "text", "text": ", please" },
        ]);
        assert_eq!(
            draft(blocks).unwrap().text,
            "compare [@a.rs](file:///w/a.rs) with [@b.rs](file:///w/b.rs), please\n\n<context ref=\"file:///w/b.rs\">\nfn b() {}\n</context>"
        );
    }

    #[test]
    fn what_is_neither_text_nor_a_picture_is_named_and_told_not_to_be_sent() {
        let blob = json!({ "type": "resource", "resource": {
            "uri": "file:///w/plan.pdf", "blob": "aGk=", "mimeType": "application/pdf",
        } });
        let draft = draft(json!([blob])).unwrap();
        assert_eq!(draft.text, "[@plan.pdf](file:///w/plan.pdf)");
        assert!(draft.notice().unwrap().message.contains("`plan.pdf`"));
        assert_eq!(Draft::default().notice(), None);
    }

    #[test]
    fn pictures_go_along_and_what_cannot_be_sent_is_refused() {
        let image = json!({ "type": "image", "data": "aGk=", "mimeType": "image/png" });
        let blob = json!({ "type": "resource", "resource": {
            "uri": "file:///w/c.png", "blob": "aGk=", "mimeType": "image/png",
        } });
        let both = draft(json!([image, blob])).unwrap();
        assert_eq!(both.pictures.len(), 2);
        let error = both.pictures[0].read().unwrap_err();
        assert!(error.message.starts_with("`image 1` is not a PNG"), "{}", error.message);
        let broken = SentPicture { name: "image 1".into(), data: "%".into() };
        assert_eq!(broken.read().unwrap_err().message, "`image 1` is not base64");
        let audio = json!({ "type": "audio", "data": "aGk=", "mimeType": "audio/wav" });
        for refused in [json!([]), json!([{ "type": "text", "text": " " }]), json!([audio])] {
            assert_eq!(i32::from(draft(refused).unwrap_err().code), -32602);
        }
    }
}
