//! What is to be answered, free of result codes, signature and encryption: a family of replies for each family of calls.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::crypto::Iv;
use crate::reason::ReasonCode;

/// What is to be answered to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    /// How the call ended, and nothing else.
    Bare(Ending),
    /// What a call about instances asked for.
    Instance(InstanceReply),
    /// What an identity centre asked for: an account's id as JSON, or the text of a check.
    Account(String),
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    Success,
    Failure(ReasonCode),
    /// The seller's no: a code of the platform's table, and a message that may be empty.
    Refusal {
        code: String,
        message: String,
    },
}

/// The answer to a create or a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InstanceReply {
    /// The instance is open. A dialect that does not carry access data leaves them out; a licence stands only where one was
    /// issued with it.
    Created { instance_id: String, app: Option<AppInfo>, license: Option<String> },
    /// The instance is being opened under this id.
    Creating { instance_id: String },
    /// The instances that can be told of.
    Listed(Vec<InstanceInfo>),
    /// None can be told of, and one at least is being opened; or what was asked for is still being made.
    NoneYet,
}

/// How a buyer reaches an instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AppInfo {
    pub(crate) front_end_url: String,
    pub(crate) admin_url: Option<String>,
    pub(crate) user_name: Option<Credential>,
    pub(crate) password: Option<Credential>,
    pub(crate) memo: Option<String>,
}

/// A credential and the initialisation vector under which it goes out.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) text: String,
    pub(crate) iv: Iv,
}

impl core::fmt::Debug for Credential {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str("Credential(redacted)")
    }
}

/// One instance of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InstanceInfo {
    pub(crate) instance_id: String,
    pub(crate) app: Option<AppInfo>,
    pub(crate) usage: Vec<Usage>,
}

/// One usage figure. Texts were checked when the backend gave them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) related_instance_id: Option<String>,
    /// A JSON number with at most four decimals.
    pub(crate) usage_value: String,
    /// 17 digits, UTC.
    pub(crate) statistical_time: String,
    pub(crate) dashboard_url: Option<String>,
}

impl Reply {
    pub(crate) const fn success() -> Self {
        Self::Bare(Ending::Success)
    }

    pub(crate) const fn failure(reason: ReasonCode) -> Self {
        Self::Bare(Ending::Failure(reason))
    }

    pub(crate) fn refusal(code: &str, message: &str) -> Self {
        Self::Bare(Ending::Refusal { code: code.to_string(), message: message.to_string() })
    }

    pub(crate) fn created(instance_id: &str, app: Option<AppInfo>) -> Self {
        Self::Instance(InstanceReply::Created { instance_id: instance_id.to_string(), app, license: None })
    }

    pub(crate) fn licensed(instance_id: &str, license: String) -> Self {
        let instance_id = instance_id.to_string();
        Self::Instance(InstanceReply::Created { instance_id, app: None, license: Some(license) })
    }

    pub(crate) fn creating(instance_id: &str) -> Self {
        Self::Instance(InstanceReply::Creating { instance_id: instance_id.to_string() })
    }

    pub(crate) const fn listed(items: Vec<InstanceInfo>) -> Self {
        Self::Instance(InstanceReply::Listed(items))
    }

    /// The instance that a create is told of.
    pub(crate) fn instance_id(&self) -> Option<&str> {
        match self {
            Self::Instance(
                InstanceReply::Created { instance_id, .. } | InstanceReply::Creating { instance_id },
            ) => Some(instance_id),
            Self::Bare(_)
            | Self::Account(_)
            | Self::Instance(InstanceReply::Listed(_) | InstanceReply::NoneYet) => None,
        }
    }
}
