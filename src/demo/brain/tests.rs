//! Conversations with the rule-driven model.
