//! The connections that are open, so that sessions which want the same server share it.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::connection::{Connection, ConnectionPlan, McpSurroundings};

/// Clones share the connections.
#[derive(Clone, Debug)]
pub struct McpPool {
    surroundings: McpSurroundings,
    open: Arc<Mutex<Vec<Weak<Connection>>>>,
}

impl McpPool {
    /// A pool without connections.
    pub fn new(surroundings: McpSurroundings) -> Self {
        Self { surroundings, open: Arc::default() }
    }

    /// The connection of this plan, which is begun where no session has it.
    pub(super) fn connection(&self, plan: ConnectionPlan) -> Arc<Connection> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|connection| connection.strong_count() > 0);
        let shared = open.iter().filter_map(Weak::upgrade).find(|it| *it.plan() == plan);
        shared.unwrap_or_else(|| {
            let connection = Connection::open(plan, self.surroundings.clone());
            open.push(Arc::downgrade(&connection));
            connection
        })
    }
}
