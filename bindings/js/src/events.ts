// Generated from the tables of the core by `cargo xtask generate`: what the application is told, and what it answers.

/** Members of a call that no table knows, under the platform's names. */
export type Extra = Record<string, unknown>;

/** One of `users`. */
export interface User {
  email?: string;
  employee_code?: string;
  employee_type?: string;
  enabled?: string;
  entry_date?: string;
  extension?: unknown;
  mobile?: string;
  name?: string;
  org_code?: string;
  position?: string;
  role?: string;
  user_name: string;
  work_place?: string;
  extra?: Extra;
}

/** One of `departments`. */
export interface Department {
  name?: string;
  org_code: string;
  parent_code?: string;
  extra?: Extra;
}

/** A subscription was bought: open an instance for it. Dialects: saas-v1, saas-v2, license-online. */
export interface SubscribeEvent {
  type: "subscribe";
  activity: string;
  order_id: string;
  business_id: string;
  customer_id?: string;
  customer_name?: string;
  user_id?: string;
  user_name?: string;
  mobile_phone?: string;
  email?: string;
  sku_code?: string;
  product_id?: string;
  trial_flag?: string;
  /** Milliseconds, UTC. */
  expire_time?: number;
  charging_mode?: string;
  saas_extend_params?: unknown;
  period_type?: string;
  period_number?: string;
  amount?: string;
  disk_size?: string;
  band_width?: string;
  order_amount?: string;
  provision_type?: string;
  time_stamp?: string;
  order_line_id?: string;
  instance_id: string;
  phase?: "trial" | "active" | "frozen" | "released";
  test?: boolean;
  extra?: Extra;
}

/** The subscription ends at another time: a renewal, a trial that became formal, a renewal taken back. Dialects: saas-v1, saas-v2, license-v1, license-online, license-code. */
export interface RenewEvent {
  type: "renew";
  activity: string;
  order_id: string;
  instance_id: string;
  product_id?: string;
  /** Milliseconds, UTC. */
  expire_time: number;
  trial_to_formal?: string;
  period_type?: string;
  period_number?: string;
  order_amount?: string;
  time_stamp?: string;
  scene: string;
  order_line_id?: string;
  license?: string;
  phase?: "trial" | "active" | "frozen" | "released";
  adopted?: boolean;
  test?: boolean;
  extra?: Extra;
}

/** The same instance has another specification. Dialects: saas-v1, saas-v2. */
export interface UpgradeEvent {
  type: "upgrade";
  activity: string;
  instance_id: string;
  order_id: string;
  sku_code?: string;
  product_id?: string;
  amount?: string;
  disk_size?: string;
  band_width?: string;
  saas_extend_params?: unknown;
  time_stamp?: string;
  order_line_id?: string;
  phase?: "trial" | "active" | "frozen" | "released";
  adopted?: boolean;
  test?: boolean;
  extra?: Extra;
}

/** May the instance change to that product? Refuse where it may not. Dialects: saas-v2. */
export interface CheckChangeEvent {
  type: "check_change";
  activity: string;
  instance_id: string;
  product_info: unknown;
  phase?: "trial" | "active" | "frozen" | "released";
  test?: boolean;
  extra?: Extra;
}

/** The instance is overdue or expired: make it unusable, keep its data. Dialects: saas-v1, saas-v2, license-v1, license-online, license-code. */
export interface FreezeEvent {
  type: "freeze";
  activity: string;
  instance_id: string;
  order_id?: string;
  time_stamp?: string;
  status?: string;
  license?: string;
  phase?: "trial" | "active" | "frozen" | "released";
  adopted?: boolean;
  end_sessions?: { scope: "all" } | { scope: "users"; users: string[] };
  test?: boolean;
  extra?: Extra;
}

/** The instance is usable again. Dialects: saas-v1, saas-v2, license-online, license-code. */
export interface UnfreezeEvent {
  type: "unfreeze";
  activity: string;
  instance_id: string;
  status: string;
  time_stamp?: string;
  license?: string;
  phase?: "trial" | "active" | "frozen" | "released";
  adopted?: boolean;
  test?: boolean;
  extra?: Extra;
}

/** The instance is no more: delete it. Dialects: saas-v1, saas-v2, license-v1, license-online, license-code. */
export interface ReleaseEvent {
  type: "release";
  activity: string;
  instance_id: string;
  order_id?: string;
  order_amount?: string;
  time_stamp?: string;
  order_line_id?: string;
  license?: string;
  phase?: "trial" | "active" | "frozen" | "released";
  adopted?: boolean;
  end_sessions?: { scope: "all" } | { scope: "users"; users: string[] };
  test?: boolean;
  extra?: Extra;
}

/** How much of each instance is used? Dialects: saas-v1, saas-v2, license-online. */
export interface QueryInstancesEvent {
  type: "query_instances";
  activity: string;
  instance_ids: string[];
  time_stamp?: string;
  test?: boolean;
  extra?: Extra;
}

/** Issue a licence: for an order, whose instance it is, or for a device of an instance. Dialects: license-v1, license-online. */
export interface IssueLicenseEvent {
  type: "issue_license";
  activity: string;
  order_id?: string;
  business_id?: string;
  customer_id?: string;
  customer_name?: string;
  user_id?: string;
  user_name?: string;
  sku_code?: string;
  product_id?: string;
  /** Milliseconds, UTC. */
  expire_time?: number;
  charging_mode?: string;
  saas_extend_params?: unknown;
  period_type?: string;
  period_number?: string;
  amount?: string;
  provision_type?: string;
  time_stamp?: string;
  instance_id: string;
  /** Milliseconds, UTC. */
  effective_time?: number;
  event_id?: string;
  device_fingerprint?: string;
  phase?: "trial" | "active" | "frozen" | "released";
  adopted?: boolean;
  test?: boolean;
  extra?: Extra;
}

/** Something about an order is new: ask for what it holds. Dialects: order-notify. */
export interface OrderChangedEvent {
  type: "order_changed";
  activity: string;
  order_id: string;
  order_line_id?: string;
  test?: boolean;
  extra?: Extra;
}

/** A tenant is bound to the instance. Dialects: kit-v1, kit-v2, orgid-sync. */
export interface TenantAddEvent {
  type: "tenant_add";
  activity: string;
  instance_id?: string;
  order_id?: string;
  tenant_id: string;
  tenant_code?: string;
  name?: string;
  domain_name: string;
  flag: string;
  time_stamp?: string;
  test?: boolean;
  extra?: Extra;
}

/** A tenant has another name or address. Dialects: kit-v2, orgid-sync. */
export interface TenantUpdateEvent {
  type: "tenant_update";
  activity: string;
  instance_id?: string;
  order_id?: string;
  tenant_id: string;
  tenant_code?: string;
  name?: string;
  domain_name?: string;
  flag: string;
  time_stamp?: string;
  test?: boolean;
  extra?: Extra;
}

/** A tenant is bound no more, nor is anything that belonged to him. Dialects: kit-v1, kit-v2, orgid-sync. */
export interface TenantRemoveEvent {
  type: "tenant_remove";
  activity: string;
  instance_id?: string;
  order_id?: string;
  tenant_id: string;
  tenant_code?: string;
  name?: string;
  domain_name?: string;
  flag: string;
  time_stamp?: string;
  end_sessions?: { scope: "all" } | { scope: "users"; users: string[] };
  test?: boolean;
  extra?: Extra;
}

/** An application of a tenant is bound, with the credential for single sign-on. Dialects: kit-v1, kit-v2, orgid-sync. */
export interface ApplicationAddEvent {
  type: "application_add";
  activity: string;
  instance_id?: string;
  tenant_id: string;
  app_id: string;
  client_id: string;
  client_secret: string;
  flag: string;
  time_stamp?: string;
  oaep?: string;
  test?: boolean;
  extra?: Extra;
}

/** An application has another credential. Dialects: kit-v2, orgid-sync. */
export interface ApplicationUpdateEvent {
  type: "application_update";
  activity: string;
  instance_id?: string;
  tenant_id: string;
  app_id: string;
  client_id?: string;
  client_secret?: string;
  flag: string;
  time_stamp?: string;
  oaep?: string;
  test?: boolean;
  extra?: Extra;
}

/** An application is bound no more. Dialects: kit-v1, kit-v2, orgid-sync. */
export interface ApplicationRemoveEvent {
  type: "application_remove";
  activity: string;
  instance_id?: string;
  tenant_id: string;
  app_id: string;
  client_id?: string;
  client_secret?: string;
  flag: string;
  time_stamp?: string;
  end_sessions?: { scope: "all" } | { scope: "users"; users: string[] };
  test?: boolean;
  extra?: Extra;
}

/** These users may use the application. Dialects: kit-v1, kit-v2, orgid-sync. */
export interface MembersAddEvent {
  type: "members_add";
  activity: string;
  instance_id?: string;
  tenant_id: string;
  app_id: string;
  users: User[];
  flag: string;
  current_sync_time?: string;
  time_stamp?: string;
  bound?: boolean;
  end_sessions?: { scope: "all" } | { scope: "users"; users: string[] };
  test?: boolean;
  extra?: Extra;
}

/** These users have other data. Dialects: kit-v1, kit-v2, orgid-sync. */
export interface MembersUpdateEvent {
  type: "members_update";
  activity: string;
  instance_id?: string;
  tenant_id: string;
  app_id: string;
  users: User[];
  flag: string;
  current_sync_time?: string;
  time_stamp?: string;
  bound?: boolean;
  end_sessions?: { scope: "all" } | { scope: "users"; users: string[] };
  test?: boolean;
  extra?: Extra;
}

/** These users may not use the application any more; their data stay. Dialects: kit-v2, orgid-sync. */
export interface MembersRevokeEvent {
  type: "members_revoke";
  activity: string;
  instance_id?: string;
  tenant_id: string;
  app_id: string;
  users: User[];
  flag: string;
  current_sync_time?: string;
  time_stamp?: string;
  bound?: boolean;
  end_sessions?: { scope: "all" } | { scope: "users"; users: string[] };
  test?: boolean;
  extra?: Extra;
}

/** These users are gone. Dialects: kit-v1, kit-v2, orgid-sync. */
export interface MembersRemoveEvent {
  type: "members_remove";
  activity: string;
  instance_id?: string;
  tenant_id: string;
  app_id: string;
  users: User[];
  flag: string;
  current_sync_time?: string;
  time_stamp?: string;
  bound?: boolean;
  end_sessions?: { scope: "all" } | { scope: "users"; users: string[] };
  test?: boolean;
  extra?: Extra;
}

/** A department is new. Dialects: kit-v1, kit-v2, orgid-sync. */
export interface DepartmentAddEvent {
  type: "department_add";
  activity: string;
  instance_id?: string;
  tenant_id: string;
  departments: Department[];
  flag: string;
  time_stamp?: string;
  test?: boolean;
  extra?: Extra;
}

/** A department has another name or place. Dialects: kit-v1, kit-v2, orgid-sync. */
export interface DepartmentUpdateEvent {
  type: "department_update";
  activity: string;
  instance_id?: string;
  tenant_id: string;
  departments: Department[];
  flag: string;
  time_stamp?: string;
  test?: boolean;
  extra?: Extra;
}

/** A department is gone. Dialects: kit-v1, kit-v2, orgid-sync. */
export interface DepartmentRemoveEvent {
  type: "department_remove";
  activity: string;
  instance_id?: string;
  tenant_id: string;
  departments: Department[];
  flag: string;
  time_stamp?: string;
  test?: boolean;
  extra?: Extra;
}

/** All departments that there are; whatever is not among them is gone. Dialects: kit-v1, kit-v2, orgid-sync. */
export interface DepartmentSnapshotEvent {
  type: "department_snapshot";
  activity: string;
  instance_id?: string;
  tenant_id: string;
  departments: Department[];
  time_stamp?: string;
  test?: boolean;
  extra?: Extra;
}

/** Open an organization, and answer its id. With an `id` it is there already: change it. Dialects: account-events. */
export interface OrganizationCreateEvent {
  type: "organization_create";
  activity: string;
  id?: string;
  code: string;
  layout: string;
  message: Record<string, unknown>;
  previous_id?: string;
  test?: boolean;
  extra?: Extra;
}

/** Members of an organization changed; what is absent stays as it is. Dialects: account-events. */
export interface OrganizationUpdateEvent {
  type: "organization_update";
  activity: string;
  id: string;
  code?: string;
  layout: string;
  message: Record<string, unknown>;
  test?: boolean;
  extra?: Extra;
}

/** An organization is no more. Dialects: account-events. */
export interface OrganizationDeleteEvent {
  type: "organization_delete";
  activity: string;
  id: string;
  code?: string;
  layout: string;
  message: Record<string, unknown>;
  test?: boolean;
  extra?: Extra;
}

/** Open an account, and answer its id. With an `id` it is open already: change it. Dialects: account-events. */
export interface AccountCreateEvent {
  type: "account_create";
  activity: string;
  id?: string;
  username: string;
  layout: string;
  message: Record<string, unknown>;
  previous_id?: string;
  test?: boolean;
  extra?: Extra;
}

/** Members of an account changed; what is absent stays as it is. Dialects: account-events. */
export interface AccountUpdateEvent {
  type: "account_update";
  activity: string;
  id: string;
  username?: string;
  layout: string;
  message: Record<string, unknown>;
  end_sessions?: { scope: "all" } | { scope: "users"; users: string[] };
  test?: boolean;
  extra?: Extra;
}

/** Close an account. Dialects: account-events. */
export interface AccountDeleteEvent {
  type: "account_delete";
  activity: string;
  id: string;
  username?: string;
  layout: string;
  message: Record<string, unknown>;
  end_sessions?: { scope: "all" } | { scope: "users"; users: string[] };
  test?: boolean;
  extra?: Extra;
}

/** What `subscribe` is answered. */
export interface Access {
  front_end_url: string;
  admin_url?: string | null;
  user_name?: string | null;
  password?: string | null;
  memo?: string | null;
}

/** What `query_instances` is answered. */
export interface Usage {
  usage: {
    instance_id: string;
    usage_value: number | string;
    statistical_time: string;
    related_instance_id?: string | null;
    dashboard_url?: string | null;
  }[];
}

/** What `issue_license` is answered. */
export interface License {
  license?: string | null;
  license_file?: {
    name: string;
    content_base64: string;
  } | null;
}

/** What `organization_create` is answered. */
export interface Opened {
  id: string;
}

/** Every event by its type. */
export interface Events {
  subscribe: SubscribeEvent;
  renew: RenewEvent;
  upgrade: UpgradeEvent;
  check_change: CheckChangeEvent;
  freeze: FreezeEvent;
  unfreeze: UnfreezeEvent;
  release: ReleaseEvent;
  query_instances: QueryInstancesEvent;
  issue_license: IssueLicenseEvent;
  order_changed: OrderChangedEvent;
  tenant_add: TenantAddEvent;
  tenant_update: TenantUpdateEvent;
  tenant_remove: TenantRemoveEvent;
  application_add: ApplicationAddEvent;
  application_update: ApplicationUpdateEvent;
  application_remove: ApplicationRemoveEvent;
  members_add: MembersAddEvent;
  members_update: MembersUpdateEvent;
  members_revoke: MembersRevokeEvent;
  members_remove: MembersRemoveEvent;
  department_add: DepartmentAddEvent;
  department_update: DepartmentUpdateEvent;
  department_remove: DepartmentRemoveEvent;
  department_snapshot: DepartmentSnapshotEvent;
  organization_create: OrganizationCreateEvent;
  organization_update: OrganizationUpdateEvent;
  organization_delete: OrganizationDeleteEvent;
  account_create: AccountCreateEvent;
  account_update: AccountUpdateEvent;
  account_delete: AccountDeleteEvent;
}

/** Every answer by the type of its event. */
export interface Answers {
  subscribe: Access | Nothing;
  renew: Nothing;
  upgrade: Nothing;
  check_change: Nothing;
  freeze: Nothing;
  unfreeze: Nothing;
  release: Nothing;
  query_instances: Usage;
  issue_license: License;
  order_changed: Nothing;
  tenant_add: Nothing;
  tenant_update: Nothing;
  tenant_remove: Nothing;
  application_add: Nothing;
  application_update: Nothing;
  application_remove: Nothing;
  members_add: Nothing;
  members_update: Nothing;
  members_revoke: Nothing;
  members_remove: Nothing;
  department_add: Nothing;
  department_update: Nothing;
  department_remove: Nothing;
  department_snapshot: Nothing;
  organization_create: Opened;
  organization_update: Nothing;
  organization_delete: Nothing;
  account_create: Opened;
  account_update: Nothing;
  account_delete: Nothing;
}

/** What the application is told, by its type. */
export type EventOf<T extends EventType> = Events[T];

/** What the application is told. */
export type Event = Events[EventType];

/** Every type of event. */
export type EventType = keyof Events;

/** What the application answers to an event of that type. */
export type AnswerTo<T extends EventType> = Answers[T];

/** Whatever it answers. */
export type EventAnswer = Answers[EventType];

/** Nothing to say. */
export type Nothing = Record<string, never>;
