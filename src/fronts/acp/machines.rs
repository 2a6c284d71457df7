//! The machines of the agent: each alone changes its state, and reaches the rest through `Outside`.

use crate::host::{Front, Host, Machine};

use super::account::pending_sign_in::SignIns;
use super::outside::Outside;
use super::sessions::open_sessions::Sessions;

/// Everything that continuations may reach.
pub struct Machines {
    pub outside: Outside,
    pub sessions: Sessions,
    pub sign_ins: SignIns,
}

impl Front for Machines {
    type Outside = Outside;

    fn outside(&mut self) -> &mut Outside {
        &mut self.outside
    }

    fn host(outside: &mut Outside) -> &mut Host<Self> {
        &mut outside.host
    }
}

impl Machine for Sessions {
    type Front = Machines;

    fn of(machines: &mut Machines) -> (&mut Self, &mut Outside) {
        (&mut machines.sessions, &mut machines.outside)
    }
}

impl Machine for SignIns {
    type Front = Machines;

    fn of(machines: &mut Machines) -> (&mut Self, &mut Outside) {
        (&mut machines.sign_ins, &mut machines.outside)
    }
}
