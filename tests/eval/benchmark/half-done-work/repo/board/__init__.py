"""A kanban board for the terminal."""
