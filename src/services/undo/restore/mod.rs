//! Going back: the plan that a person reviews, its preparation, and doing it.

pub mod data_loss;
pub mod folder_moves;
pub mod hard_links;
pub mod net_changes;
pub mod perform;
pub mod plan;
pub mod planned_path;
pub mod prepare;
pub mod present_state;
pub mod rights;
pub mod whole_repositories;
