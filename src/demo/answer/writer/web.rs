//! Web searches of the server, and the pages that a message cites.

use serde_json::{Value, json};

use super::{OpenKind, Writer};

impl Writer {
    /// Cites a page in the message that is open; without one nothing is cited.
    pub(super) fn cite(&mut self, url: &str, title: &str) {
        let Some(open) = self.open.as_mut().filter(|open| open.kind == OpenKind::Message) else {
            return;
        };
        let end = open.text.chars().count();
        let annotation = json!({ "type": "url_citation", "start_index": end, "end_index": end, "url": url, "title": title });
        let at = open.annotations.len();
        open.annotations.push(annotation.clone());
        let (id, index) = (open.id.clone(), open.index);
        self.numbered(
            "response.output_text.annotation.added",
            json!({ "item_id": id, "output_index": index, "content_index": 0, "annotation_index": at, "annotation": annotation }),
        );
    }

    pub(super) fn web_search(&mut self, action: &Value) {
        self.close();
        let index = self.items;
        let id = self.next_id("ws");
        let item = json!({ "id": id, "type": "web_search_call", "status": "in_progress" });
        self.numbered("response.output_item.added", json!({ "output_index": index, "item": item }));
        for state in ["in_progress", "searching", "completed"] {
            self.numbered(
                &format!("response.web_search_call.{state}"),
                json!({ "item_id": id, "output_index": index }),
            );
        }
        let item =
            json!({ "id": id, "type": "web_search_call", "status": "completed", "action": action });
        self.numbered("response.output_item.done", json!({ "output_index": index, "item": item }));
    }
}
