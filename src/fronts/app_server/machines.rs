//! The machines of the server: each changes only its own state, and reaches everything else through
//! `Outside`.

use crate::host::{Front, Host, Machine};

use super::accounts::pending_login::Accounts;
use super::commands::running::Commands;
use super::files::watches::Watches;
use super::outside::Outside;
use super::threads::loaded_threads::Threads;

/// Everything that continuations may reach.
pub struct Machines {
    pub outside: Outside,
    pub accounts: Accounts,
    pub commands: Commands,
    pub threads: Threads,
    pub watches: Watches,
}

impl Machines {
    pub fn new(outside: Outside) -> Self {
        Self {
            outside,
            accounts: Accounts::default(),
            commands: Commands::default(),
            threads: Threads::default(),
            watches: Watches::default(),
        }
    }
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

macro_rules! machine {
    ($type:ty, $field:ident) => {
        impl Machine for $type {
            type Front = Machines;

            fn of(machines: &mut Machines) -> (&mut Self, &mut Outside) {
                (&mut machines.$field, &mut machines.outside)
            }
        }
    };
}

machine!(Accounts, accounts);
machine!(Commands, commands);
machine!(Threads, threads);
machine!(Watches, watches);
