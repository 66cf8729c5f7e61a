//! A story as data.

use super::backend::Behaviour;
use crate::account::{Flaw, Layout};
use crate::calls::{Account, Charging, Scene, Sync};
use crate::{Dialect, Fault};

/// An ordered list of steps for one dialect, with the orders that they are about.
#[derive(Debug, Clone)]
pub struct Story {
    /// What it is about, in a few words; part of the seed, so that stories never share an order.
    pub name: &'static str,
    /// The callback protocol.
    pub dialect: Dialect,
    /// The orders by name, drawn when the story begins.
    pub orders: Vec<(&'static str, Kind)>,
    /// What happens.
    pub steps: Vec<Step>,
}

/// What kind of order is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An order of its own.
    Bought(Charging),
    /// A trial for a month.
    Trial,
    /// The next line of an order further up in the list.
    LineOf(&'static str),
}

/// One step: at least one request, every answer checked.
#[derive(Debug, Clone)]
pub struct Step {
    /// What happens, in English.
    pub name: &'static str,
    /// What the backend is told before.
    pub tells: Vec<Behaviour>,
    /// What is sent.
    pub call: Call,
    /// Sent as a debugging call, `testFlag` 1.
    pub debugging: bool,
    /// Fields that are added or replaced, under the platform's names.
    pub fields: Vec<(&'static str, &'static str)>,
    /// What is wrong with the request on purpose.
    pub faults: Vec<Fault>,
    /// The same for an event of an identity centre.
    pub flaw: Option<Flaw>,
    /// Which route it goes to.
    pub to: To,
    /// How often it is sent.
    pub delivery: Delivery,
    /// The result codes that are right.
    pub expected: Vec<&'static str>,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// newInstance for an order.
    Purchase(&'static str),
    /// queryInstance.
    Query(Vec<Of>),
    /// refreshInstance with a new order and expiry.
    Refresh(&'static str, Scene),
    /// The instance is frozen (true) or set free: instanceStatus or updateInstanceStatus.
    Status(&'static str, bool),
    /// V1: expireInstance.
    Expire(&'static str),
    /// upgrade or upgradeInstance.
    Upgrade(&'static str),
    /// V2: changeInstanceCheck.
    CheckChange(&'static str),
    /// releaseInstance.
    Release(Of),
    /// getLicenseAsync for the instance of an order: event and device.
    License(&'static str, &'static str, &'static str),
    /// orderNotify for an order.
    Notify(&'static str),
    /// A call of a kit about the tenant that bound an order's instance.
    Sync(&'static str, Sync),
    /// The same, sent to another interface of the kit.
    Misdirected(&'static str, &'static str, Sync),
    /// An event of an identity centre.
    Account(Account),
    /// An activity that the dialect does not have, for an order's instance.
    Unknown(&'static str, &'static str),
    /// The fields of the step before, signed anew.
    Again,
}

/// Whose instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The instance of an order.
    Order(&'static str),
    /// An instance id that nobody ever got.
    Nobody,
}

/// Which route a step goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// The route of the story.
    Main,
    /// A route of another product with a key of its own.
    Other,
}

/// How often a step's request is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Once.
    Once,
    /// So often at the same time, each signed on its own and with its own businessId.
    AtOnce {
        /// How often.
        times: usize,
        /// Between the beginnings of two, in milliseconds. 0: a true race. A moment makes the first one win on every
        /// run, for whoever compares runs.
        apart_ms: u64,
    },
    /// Once, then the same bytes again: the result codes that are right for the second one.
    Replayed(Vec<&'static str>),
    /// Again and again until it is answered with this code; in between the expected codes are right.
    Until {
        /// The code that ends it.
        code: &'static str,
        /// How often at most.
        tries: u32,
        /// The pause between two, in milliseconds.
        pause_ms: u64,
    },
}

impl Step {
    /// A step that is sent once and expects `000000`.
    #[must_use]
    pub fn new(name: &'static str, call: Call) -> Self {
        Self {
            name,
            tells: Vec::new(),
            call,
            debugging: false,
            fields: Vec::new(),
            faults: Vec::new(),
            flaw: None,
            to: To::Main,
            delivery: Delivery::Once,
            expected: vec!["000000"],
        }
    }

    /// Expects one of these result codes.
    #[must_use]
    pub fn expects(self, codes: &[&'static str]) -> Self {
        Self { expected: codes.to_vec(), ..self }
    }

    /// Tells the backend something first.
    #[must_use]
    pub fn told(mut self, behaviour: Behaviour) -> Self {
        self.tells.push(behaviour);
        self
    }

    /// Sets a field.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.fields.push((name, value));
        self
    }

    /// Spoils the request, and expects what the fault deserves in this dialect.
    #[must_use]
    pub fn spoilt(mut self, fault: Fault, dialect: Dialect) -> Self {
        if let Some(code) = fault.deserves(dialect) {
            self.expected = vec![code];
        }
        self.faults.push(fault);
        self
    }

    /// Spoils an event of an identity centre that usually seals in this layout, and expects what the flaw deserves.
    #[must_use]
    pub fn flawed(mut self, flaw: Flaw, usual: Layout) -> Self {
        if let Some(code) = flaw.deserves(usual) {
            self.expected = vec![code];
        }
        self.flaw = Some(flaw);
        self
    }

    /// Sends it as a debugging call.
    #[must_use]
    pub fn debugging(self) -> Self {
        Self { debugging: true, ..self }
    }

    /// Sends it to the route of another product.
    #[must_use]
    pub fn to_another_product(self) -> Self {
        Self { to: To::Other, ..self }
    }

    /// Sends it so often at the same time, as a true race.
    #[must_use]
    pub fn at_once(self, times: usize) -> Self {
        Self { delivery: Delivery::AtOnce { times, apart_ms: 0 }, ..self }
    }

    /// Sends the same bytes again.
    #[must_use]
    pub fn replayed(self, codes: &[&'static str]) -> Self {
        Self { delivery: Delivery::Replayed(codes.to_vec()), ..self }
    }

    /// Repeats it, four times a second and for 15 s at most, until it is answered with this code.
    #[must_use]
    pub fn until(self, code: &'static str) -> Self {
        Self { delivery: Delivery::Until { code, tries: 60, pause_ms: 250 }, ..self }
    }
}

impl Story {
    /// Whether a backend must obey for the story to make sense.
    #[must_use]
    pub fn needs_backend(&self) -> bool {
        self.steps.iter().any(|step| !step.tells.is_empty())
    }
}
