//! The sentences that a session says to the model and to the person: one place to reword. The
//! scenarios of the tests name each by a word in brackets.

/// Tells the model that the person stopped the turn before.
pub(super) const WAS_INTERRUPTED: &str =
    "(The turn before this message was interrupted by the user before it was finished.)";
/// Tells the model that the program ended during the turn before.
pub(super) const WAS_CUT_OFF: &str =
    "(The turn before this message was cut off: codling ended before it was finished.)";
/// Tells the model that a person ran the command that follows.
pub(super) const OWN_COMMAND: &str = "(The user ran the next command, not you.)";
/// Tells the model of an older codling, which knows no notes of this kind, that the commands that
/// follow belong to the prompt behind them.
pub(super) const COMMANDS_OF_PROMPT: &str =
    "(The user's next message runs the next commands, not you.)";
/// Asks the model for its last words in a turn without steps left.
pub(super) const LAST_STEP: &str = "You have used all the steps of this turn, so you cannot call tools now. Say what you found, what is still open, and what you would do next.";
/// Ends an answer of which only the beginning is kept.
pub(super) const REST_LEFT_OUT: &str =
    "\n\n(This answer did not come to its end, and the rest of it is left out.)";

/// The output of a call that ran when the program ended.
pub(super) const CALL_CUT_OFF: &str =
    "Interrupted: codling ended before this finished. It may have been done in part.";
/// The output of a call whose response broke off.
pub(super) const BROKE_OFF: &str = "Not run: the answer that this call came with broke off. Make the call again if it is still wanted.";
/// The output of a call in a turn without steps left.
pub(super) const STEPS_USED_UP: &str = "Not run: the steps of this turn are used up.";
/// The output of a command with a here-document that has no end.
pub(super) const OPEN_HERE_DOCUMENT: &str = "Not run: the here-document in this command has no end, so the command may have been cut off. Send it again, whole.";
/// The output of a call that a person did not allow once more.
pub(super) const STOPPED_REPEATING: &str =
    "Not run: the same call came three times in a row. Do something else, or say what is missing.";
/// The output of a call that shows a plan.
pub(super) const PLAN_SHOWN: &str = "The plan is on the screen.";
/// Follows the output of a command that may not run again without the sandbox.
pub(super) const STAYS_CONFINED: &str =
    "(The user did not allow it to run again without the sandbox.)";

/// Why the same call is asked about.
pub(super) const SAME_AGAIN: &str = "The model makes the same call for the third time in a row";

/// A notice: the model of the conversation sums up from here on.
pub(super) const NOT_BY_SERVER: &str =
    "OpenAI's server did not sum the conversation up: the model does it from here on";
/// A notice: the model of the conversation sums up once.
pub(super) const NOT_THIS_TIME: &str =
    "OpenAI's server could not sum the conversation up this time: the model does it";
/// A notice: the summary of the server was refused.
pub(super) const SENT_INSTEAD: &str = "The messages that the summary stood for are sent in its place, and the model sums up from here on";
/// A notice: a summary could not be asked for as a whole.
pub(super) const WITHOUT_BEGINNING: &str = "The conversation was too long to be summed up as a whole: its beginning is left out of the summary";
/// A notice: not even a summary made the conversation short enough.
pub(super) const SHRUNK: &str = "The conversation was too long even when summarized: the model gets it without earlier prompts and the ends of long ones";
/// A notice: the item or the pictures that a server refused are no longer sent.
pub(super) const GOES_ON_WITHOUT: &str = "The conversation goes on without";

/// Why a turn failed for want of a summary; the reason follows.
pub(super) const NOT_SUMMARIZED: &str = "The conversation could not be summarized";
