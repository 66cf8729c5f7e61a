//! Why a check fails, or what it warns of: one table, from which numbers, names and sentences come.

/// What a decision is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CheckCode {
    /// Nothing stands against it.
    Granted,
    /// The directory is older than the policy allows.
    DirectoryStale,
    /// The tenant has no binding.
    TenantUnknown,
    /// None of the tenant's bindings is in force.
    TenantUnbound,
    /// No record of the instance.
    InstanceUnknown,
    /// The purchase is not finished, or was refused.
    InstanceNotOpen,
    /// The instance was deleted.
    InstanceReleased,
    /// The instance is frozen.
    InstanceFrozen,
    /// The policy denies this phase.
    PhaseDenied,
    /// The policy denies bindings of this origin.
    BindingNotAllowed,
    /// The clock denies.
    Expired,
    /// The subscription has run out, and nobody has said what follows.
    Overdue,
    /// No record of the application.
    ApplicationUnknown,
    /// The application is not bound.
    ApplicationUnbound,
    /// No record of the user.
    MemberUnknown,
    /// The user is gone.
    MemberRemoved,
    /// The user is disabled.
    MemberDisabled,
    /// The user's authorisation was taken back.
    AuthorisationCancelled,
    /// An access policy denies.
    AccessPolicyDeny,
    /// No access policy matches, and the default denies.
    AccessDefaultDeny,
    /// An access policy cannot be judged without the user's departments.
    DepartmentUnknown,
    /// An access policy cannot be judged without an address.
    AddressUnknown,
    /// An access policy asks for a second factor.
    SecondFactorRequired,
    /// The role of the member is none of the six.
    RoleUnknown,
    /// The policy has no such action.
    ActionUnknown,
    /// The role may not do it.
    ActionNotPermitted,
    /// A condition needs a value that the check does not give.
    ExtensionMissing,
    /// A condition on the member's extension does not hold.
    ExtensionMismatch,
    /// Only reading is allowed.
    ReadOnly,
    /// The policy has no such feature.
    FeatureUnknown,
    /// No plan fits.
    PlanUnknown,
    /// The plan does not include the feature.
    FeatureNotInPlan,
    /// The policy has no such limit.
    LimitUnknown,
    /// A limit depends on what was bought, and nobody knows it.
    AttributeUnknown,
    /// A hard limit.
    LimitExceeded,
    /// All seats are taken by others.
    NoSeat,
    /// A soft limit.
    OverSoftLimit,
    /// More members than seats.
    OverSeats,
}

/// Several of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Codes(u64);

impl Codes {
    const fn bit(code: CheckCode) -> u64 {
        1 << code as u32
    }

    pub(super) const fn insert(&mut self, code: CheckCode) {
        self.0 |= Self::bit(code);
    }

    /// Whether a code is among them.
    #[must_use]
    pub const fn contains(self, code: CheckCode) -> bool {
        self.0 & Self::bit(code) != 0
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All of them, by number.
    pub fn iter(self) -> impl Iterator<Item = CheckCode> {
        CHECK_REASONS.iter().map(|row| row.code).filter(move |code| self.contains(*code))
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckReason {
    /// The code.
    pub code: CheckCode,
    /// Its number; they grow in the order of evaluation.
    pub number: u16,
    /// Its name.
    pub name: &'static str,
    /// The sentence in Chinese, with `{name}`, `{expected}` and `{found}` to be filled in.
    pub zh: &'static str,
    /// The same in English.
    pub en: &'static str,
}

macro_rules! reasons {
    ($($number:literal $name:literal $code:ident $zh:literal $en:literal;)*) => {
        /// Every reason, by number.
        pub const CHECK_REASONS: &[CheckReason] = &[$(
            CheckReason { code: CheckCode::$code, number: $number, name: $name, zh: $zh, en: $en },
        )*];
    };
}

reasons! {
    700 "granted" Granted "允许访问。" "Access is granted.";
    701 "directory-stale" DirectoryStale "权限数据已 {found} 毫秒未更新，上限为 {expected} 毫秒。" "The directory is {found} ms old; {expected} ms are allowed.";
    711 "tenant-unknown" TenantUnknown "企业未绑定本应用。" "The tenant is not known here.";
    712 "tenant-unbound" TenantUnbound "企业已解除绑定。" "The tenant's binding was removed.";
    721 "instance-unknown" InstanceUnknown "未找到对应的实例。" "The instance is not known here.";
    731 "instance-not-open" InstanceNotOpen "实例尚未开通（{found}）。" "The instance is not open ({found}).";
    732 "instance-released" InstanceReleased "实例已释放。" "The instance was released.";
    733 "instance-frozen" InstanceFrozen "实例已冻结，续费或解冻后可继续使用。" "The instance is frozen; once renewed or unfrozen it can be used again.";
    734 "phase-denied" PhaseDenied "策略不允许在 {found} 阶段使用。" "The policy denies use in phase {found}.";
    735 "binding-not-allowed" BindingNotAllowed "策略不允许无实例的绑定（来源：{found}）。" "The policy denies bindings without an instance (origin {found}).";
    736 "expired" Expired "使用期限已于 {expected} 截止。" "Use ended at {expected}.";
    737 "overdue" Overdue "实例已于 {expected} 到期，请续费。" "The instance ran out at {expected}; it should be renewed.";
    741 "application-unknown" ApplicationUnknown "应用未同步到该企业。" "The application is not bound to this tenant.";
    742 "application-unbound" ApplicationUnbound "应用与企业的绑定已取消。" "The application's binding was removed.";
    751 "member-unknown" MemberUnknown "用户未获授权，不在应用可见范围内。" "The user is not authorised: outside the application's visible range.";
    752 "member-removed" MemberRemoved "用户已被移除。" "The user was removed.";
    753 "member-disabled" MemberDisabled "用户已停用。" "The user is disabled.";
    761 "authorisation-cancelled" AuthorisationCancelled "用户的应用授权已取消。" "The user's authorisation was cancelled.";
    771 "access-policy-deny" AccessPolicyDeny "访问策略“{name}”拒绝访问。" "Access policy \"{name}\" denies access.";
    772 "access-default-deny" AccessDefaultDeny "没有匹配的访问策略，默认拒绝访问。" "No access policy matches, and the default denies access.";
    773 "department-unknown" DepartmentUnknown "用户部门信息不完整，无法判断访问策略“{name}”。" "The user's departments are not fully known, so access policy \"{name}\" cannot be judged.";
    774 "address-unknown" AddressUnknown "缺少访问地址，无法判断访问策略“{name}”。" "No address was given, so access policy \"{name}\" cannot be judged.";
    775 "second-factor-required" SecondFactorRequired "访问策略“{name}”要求二次验证。" "Access policy \"{name}\" requires a second factor.";
    781 "role-unknown" RoleUnknown "无法识别角色“{found}”。" "The role \"{found}\" is not known.";
    782 "action-unknown" ActionUnknown "策略中没有操作“{name}”。" "The policy has no action \"{name}\".";
    783 "action-not-permitted" ActionNotPermitted "角色“{found}”不能执行“{name}”。" "Role \"{found}\" may not do \"{name}\".";
    784 "extension-missing" ExtensionMissing "请求未给出扩展字段“{name}”的取值。" "The check gives no value for extension field \"{name}\".";
    785 "extension-mismatch" ExtensionMismatch "用户的扩展字段“{name}”不满足要求。" "The user's extension field \"{name}\" does not meet the condition.";
    786 "read-only" ReadOnly "当前仅允许只读访问。" "Only reading is allowed now.";
    791 "feature-unknown" FeatureUnknown "策略中没有功能“{name}”。" "The policy has no feature \"{name}\".";
    792 "plan-unknown" PlanUnknown "无法确定套餐。" "The plan is not known.";
    793 "feature-not-in-plan" FeatureNotInPlan "套餐“{found}”不包含功能“{name}”。" "Plan \"{found}\" does not include feature \"{name}\".";
    801 "limit-unknown" LimitUnknown "策略中没有限额“{name}”。" "The policy has no limit \"{name}\".";
    802 "attribute-unknown" AttributeUnknown "缺少订单属性“{expected}”，无法计算限额“{name}”。" "The order's {expected} is not known, so limit \"{name}\" cannot be computed.";
    803 "limit-exceeded" LimitExceeded "“{name}”用量 {found} 超过限额 {expected}。" "{name}: {found} exceeds the limit of {expected}.";
    804 "no-seat" NoSeat "席位已满：该用户排在第 {found} 位，共 {expected} 个席位。" "No seat is left: the user is number {found}, there are {expected}.";
    805 "over-soft-limit" OverSoftLimit "“{name}”用量 {found} 超过软限额 {expected}。" "{name}: {found} exceeds the soft limit of {expected}.";
    806 "over-seats" OverSeats "已授权 {found} 人，超过 {expected} 个席位。" "{found} members are authorised for {expected} seats.";
}

impl CheckCode {
    /// The row of the table.
    #[must_use]
    pub fn reason(self) -> &'static CheckReason {
        const GRANTED: CheckReason =
            CheckReason { code: CheckCode::Granted, number: 700, name: "granted", zh: "", en: "" };
        CHECK_REASONS.iter().find(|reason| reason.code == self).unwrap_or(&GRANTED)
    }
}
