//! Instances and tenants as the core writes them, described. The core's JSON is passed on as it stands; a test compares it with this.

use utoipa::ToSchema;

/// One instance. Times are milliseconds since the epoch, UTC; what is not known is absent.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the core writes it; this says how")]
pub(super) struct Instance {
    /// Whose it is: the `product` of its routes.
    product: String,
    /// The id that the platform knows.
    instance_id: String,
    phase: Phase,
    /// The order that opened it; absent for an adopted instance, whose order never came.
    #[schema(nullable = false)]
    order_id: Option<String>,
    /// The line of that order.
    #[schema(nullable = false)]
    order_line_id: Option<String>,
    /// The buyer's account.
    #[schema(nullable = false)]
    customer_id: Option<String>,
    /// The specification.
    #[schema(nullable = false)]
    sku_code: Option<String>,
    /// The price level.
    #[schema(nullable = false)]
    product_id: Option<String>,
    /// When it runs out.
    #[schema(nullable = false)]
    expire_time: Option<u64>,
    /// When the ledger first heard of it.
    created_at: u64,
    /// When its release was taken in.
    #[schema(nullable = false)]
    released_at: Option<u64>,
    /// How often its opening was begun.
    attempt: u32,
    /// Effects that are still owed, in order.
    owed: Vec<OwedEffect>,
    /// How the buyer reaches it; only for a token with the scope `secrets`.
    #[schema(nullable = false)]
    access: Option<Access>,
}

/// Where an instance stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "the core writes it; this says how")]
enum Phase {
    /// The id is fixed, the backend has not opened it yet.
    Reserved,
    /// The seller refused to open it.
    Refused,
    /// Open, as a trial.
    Trial,
    /// Open.
    Active,
    /// Unusable, data kept.
    Frozen,
    /// Deleted.
    Released,
}

/// An effect that is still owed.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the core writes it; this says how")]
struct OwedEffect {
    /// The `id` of the event.
    id: String,
    /// Its type, without `countersign.`.
    r#type: String,
}

/// How the buyer reaches an instance.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the core writes it; this says how")]
struct Access {
    /// Raised by every change.
    revision: u64,
    /// Where users begin.
    front_end_url: String,
    /// Where administrators begin.
    #[schema(nullable = false)]
    admin_url: Option<String>,
    /// The first account.
    #[schema(nullable = false)]
    user_name: Option<String>,
    /// Its password.
    #[schema(nullable = false)]
    password: Option<String>,
    /// What the buyer should know.
    #[schema(nullable = false)]
    memo: Option<String>,
}

/// The access data of an instance, which replace those that it had. The platform's limits hold: 512 characters for an
/// address, 1 024 for the memo, 79 bytes for a name or password.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the core reads it; this says how")]
pub(super) struct AccessChange {
    /// Where users begin.
    front_end_url: String,
    /// Where administrators begin.
    admin_url: Option<String>,
    /// The first account.
    user_name: Option<String>,
    /// Its password.
    password: Option<String>,
    /// What the buyer should know.
    memo: Option<String>,
}

/// A tenant under one instance, and what belongs to the binding that holds.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the core writes it; this says how")]
pub(super) struct Directory {
    /// `null` if no call was about the tenant itself.
    #[schema(required)]
    tenant: Option<Tenant>,
    /// In the order of their ids.
    applications: Vec<Application>,
    /// In the order of application and user name.
    members: Vec<Member>,
    /// In the order of their codes.
    departments: Vec<Department>,
}

/// What the platform says of a tenant; what is not known is absent.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the core writes it; this says how")]
struct Tenant {
    /// The platform's id of the tenant.
    tenant_id: String,
    /// Empty for the seller's own credential and for test tenants.
    instance_id: String,
    /// The order by which the tenant bought.
    #[schema(nullable = false)]
    order_id: Option<String>,
    /// The platform's code of the tenant.
    #[schema(nullable = false)]
    tenant_code: Option<String>,
    /// The tenant's name.
    #[schema(nullable = false)]
    name: Option<String>,
    /// The tenant's domain.
    #[schema(nullable = false)]
    domain_name: Option<String>,
    /// Whether the last call about the tenant bound it.
    bound: bool,
    /// Raised by every end of a binding.
    epoch: u64,
}

/// An application of a tenant.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the core writes it; this says how")]
struct Application {
    /// The platform's id of the application.
    app_id: String,
    /// The client that asks for tokens in its name.
    #[schema(nullable = false)]
    client_id: Option<String>,
    /// Whether the last call about the application bound it.
    bound: bool,
}

/// A user of an application. Beside these members stand the others of his entry, as the platform sent them.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the core writes it; this says how")]
struct Member {
    /// The application to which he belongs.
    app_id: String,
    /// The user's name with the platform.
    user_name: String,
    /// His role, as the platform sent it.
    role: String,
    /// `true` or `false`, as text.
    enabled: String,
    /// Whether the last call about him authorised him.
    authorised: bool,
    /// Tenant and application are bound, he is authorised and enabled.
    active: bool,
}

/// A department of a tenant.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the core writes it; this says how")]
struct Department {
    /// The department's code.
    org_code: String,
    /// The department's name.
    #[schema(nullable = false)]
    name: Option<String>,
    /// The code of the department above it.
    #[schema(nullable = false)]
    parent_code: Option<String>,
    /// Whether it stood in the last snapshot, or came after it.
    present: bool,
}
