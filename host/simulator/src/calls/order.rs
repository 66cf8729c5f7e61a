//! What is bought.

use crate::{Entropy, stamp};

const DAY_MS: u64 = 86_400_000;

/// How an order is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charging {
    /// By use, `chargingMode` 0.
    OnDemand,
    /// For a year, `chargingMode` 1.
    Year,
    /// For a month, `chargingMode` 1.
    Month,
    /// For ever, `chargingMode` 3.
    Once,
    /// A package of use for a month, `chargingMode` 5.
    Package,
}

impl Charging {
    /// The platform's number.
    #[must_use]
    pub fn mode(self) -> &'static str {
        match self {
            Self::OnDemand => "0",
            Self::Year | Self::Month => "1",
            Self::Once => "3",
            Self::Package => "5",
        }
    }

    /// `periodType` and the days of one period, where there is one.
    #[must_use]
    pub fn period(self) -> Option<(&'static str, u64)> {
        match self {
            Self::Year => Some(("year", 365)),
            Self::Month | Self::Package => Some(("month", 30)),
            Self::OnDemand | Self::Once => None,
        }
    }
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// `CS2211181819B4LVS`: two letters, the minute, five characters.
    pub order_id: String,
    /// The number of the line, from 1.
    pub line: u32,
    /// The price level.
    pub product_id: String,
    /// The specification; one has several price levels.
    pub sku_code: String,
    /// How it is charged.
    pub charging: Charging,
    /// Whether it is a trial.
    pub trial: bool,
    /// How many, for example users.
    pub amount: u32,
    /// What was paid, in cents.
    pub cents: u64,
    /// When it ends, in milliseconds since the epoch; `None` where there is no period.
    pub expires_ms: Option<u64>,
}

impl Order {
    /// Draws a new order.
    pub fn draw(entropy: &mut Entropy, charging: Charging, now_ms: u64) -> Self {
        Self {
            order_id: order_id(entropy, now_ms),
            line: 1,
            product_id: product_id(entropy),
            sku_code: entropy.uuid(),
            charging,
            trial: false,
            amount: u32::try_from(entropy.below(50)).unwrap_or(0).saturating_add(1),
            cents: entropy.below(1_000_000).saturating_add(100),
            expires_ms: after(charging, now_ms),
        }
    }

    /// The same as a trial: nothing paid.
    #[must_use]
    pub fn into_trial(self) -> Self {
        Self { trial: true, cents: 0, ..self }
    }

    /// The next line of the same order: another price level, an instance of its own.
    pub fn next_line(&self, entropy: &mut Entropy) -> Self {
        Self { line: self.line.saturating_add(1), product_id: product_id(entropy), ..self.clone() }
    }

    /// The order of a renewal: a new id, the expiry one period later.
    pub fn renewal(&self, entropy: &mut Entropy, now_ms: u64) -> Self {
        Self {
            order_id: order_id(entropy, now_ms),
            line: 1,
            trial: false,
            cents: self.cents.max(100),
            expires_ms: after(self.charging, self.expires_ms.unwrap_or(now_ms)),
            ..self.clone()
        }
    }

    /// The order of an upgrade: a new id, specification and price level; the expiry stays.
    pub fn upgrade(&self, entropy: &mut Entropy, now_ms: u64) -> Self {
        Self {
            order_id: order_id(entropy, now_ms),
            line: 1,
            product_id: product_id(entropy),
            sku_code: entropy.uuid(),
            amount: self.amount.saturating_mul(2),
            ..self.clone()
        }
    }

    /// `<orderId>-000001`.
    #[must_use]
    pub fn order_line_id(&self) -> String {
        format!("{}-{:06}", self.order_id, self.line)
    }

    /// The expiry as `yyyyMMddHHmmss`, UTC.
    #[must_use]
    pub fn expire_time(&self) -> Option<String> {
        self.expires_ms.map(stamp::without_millis)
    }

    /// What was paid, with two decimals.
    #[must_use]
    pub fn order_amount(&self) -> String {
        format!("{}.{:02}", self.cents / 100, self.cents % 100)
    }
}

fn after(charging: Charging, start_ms: u64) -> Option<u64> {
    charging.period().map(|(_, days)| start_ms.saturating_add(days.saturating_mul(DAY_MS)))
}

fn order_id(entropy: &mut Entropy, now_ms: u64) -> String {
    let minute: String = stamp::without_millis(now_ms).chars().skip(2).take(10).collect();
    format!("CS{minute}{}", entropy.text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 5))
}

fn product_id(entropy: &mut Entropy) -> String {
    format!("OFFI{}", entropy.text(b"0123456789", 9))
}
