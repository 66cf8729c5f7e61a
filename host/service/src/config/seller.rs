//! The core's part of the configuration: routes and settings, handed on as they stand.
//!
//! The core reads it, and nobody else. It is printed once as JSON, since a module takes bytes; the native core reads these
//! bytes here, names every mistake and says what a host needs ([`Seller::describe`]); the engines are opened with the same
//! ones. What was compiled here is kept for what only the native core does.

use std::path::Path;
use std::sync::Arc;

use countersign_core::{ConfigError, Description, RouteDescription, Seller, Settings};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::backend::BackendConfig;
use super::engine::EngineKind;
use super::problem::{ConfigErrors, Problem, Problems};
use super::shadow::OldHandler;
use super::table::Table;
use super::{document, folder, read_engine, resolve_secrets, secret};

/// What the core is opened with, and what it says of it.
pub struct SellerPart {
    json: Zeroizing<Vec<u8>>,
    native: Arc<Seller>,
    settings: Settings,
    products: Vec<String>,
    addresses: Vec<Address>,
    warnings: Vec<Problem>,
    engine: EngineKind,
}

/// How a route is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The path.
    pub path: String,
    /// The HTTP method.
    pub method: &'static str,
    /// The dialect.
    pub dialect: &'static str,
    /// The owner of its instances.
    pub product: String,
}

impl From<RouteDescription<'_>> for Address {
    fn from(route: RouteDescription<'_>) -> Self {
        let RouteDescription { path, method, dialect, product } = route;
        Self { path: path.to_owned(), method, dialect, product: product.to_owned() }
    }
}

impl std::fmt::Debug for SellerPart {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "SellerPart({:?})", self.products)
    }
}

impl SellerPart {
    /// # Errors
    /// [`ConfigError`] with every mistake.
    fn read(own: &Value) -> Result<Self, ConfigError> {
        let json = Zeroizing::new(own.to_string().into_bytes());
        let native = Seller::from_json(&json)?;
        let Description { settings, products, routes, warnings } = native.describe();
        let settings = *settings;
        let products = products.into_iter().map(str::to_owned).collect();
        let addresses = routes.into_iter().map(Into::into).collect();
        let warnings = warnings.into_iter().map(Into::into).collect();
        let (native, engine) = (Arc::new(native), EngineKind::default());
        Ok(Self { json, native, settings, products, addresses, warnings, engine })
    }

    /// The engine stands beside routes and settings in the document.
    pub(super) fn run_by(self, engine: EngineKind) -> Self {
        Self { engine, ..self }
    }

    /// The seller in the native core, whichever engine runs.
    pub(crate) fn native(&self) -> &Arc<Seller> {
        &self.native
    }

    /// Routes and settings as JSON, secrets resolved: what engines are opened with.
    #[must_use]
    pub fn json(&self) -> &[u8] {
        &self.json
    }

    /// Times and limits.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The products of the routes, each once, in their order.
    #[must_use]
    pub fn products(&self) -> &[String] {
        &self.products
    }

    /// How the routes are reached, in their order.
    #[must_use]
    pub fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// What is allowed and may still be a mistake.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// What routes have of their own, by path and dialect, as calls can be told apart.
    pub(super) fn by_method(&self, shadows: Vec<RouteShadow>) -> Vec<(String, &'static str, OldHandler)> {
        let method = |path: &str, dialect: &str| {
            let found = self.addresses.iter().find(|one| one.path == path && one.dialect == dialect);
            found.map(|one| one.method)
        };
        let shadows = shadows.into_iter();
        shadows
            .filter_map(|one| Some((method(&one.path, &one.dialect)?, one)))
            .map(|(method, one)| (one.path, method, one.handler))
            .collect()
    }

    /// The engine that the configuration asks for.
    #[must_use]
    pub fn engine(&self) -> EngineKind {
        self.engine
    }
}

/// The backend that one route names.
struct RouteBackend {
    /// Its place in the document.
    index: usize,
    backend: BackendConfig,
}

/// The backend of one product.
#[derive(Debug)]
pub struct ProductBackend {
    /// The product.
    pub product: String,
    /// Where the effects of its instances go.
    pub backend: BackendConfig,
}

/// The members of the document that are not the core's.
const HOST: [&str; 8] = ["listen", "tls", "store", "backend", "shadow", "api", "limits", "log"];

/// Reads routes, settings and engine of a TOML file. What else `serve` needs may be absent and is not looked at, so a
/// machine without the backend's secret can verify a call.
///
/// # Errors
/// [`ConfigErrors`] with every mistake of that part, and every unknown field of the document.
pub fn load_seller(path: &Path) -> Result<SellerPart, ConfigErrors> {
    let mut document = document::from_file(path)?;
    let mut problems = Problems::default();
    strip(&mut document, &[]);
    let (seller, _) = take(&mut document, folder(path), &mut problems);
    let seller = Table::new(&document, "", &mut problems).and_then(|mut table| {
        let engine = read_engine(&mut table, &mut problems);
        table.finish(&mut problems);
        Some(seller?.run_by(engine?))
    });
    problems.unless_any(seller)
}

/// Takes the host's members away, but for those that are wanted.
pub(super) fn strip(document: &mut Value, wanted: &[&str]) {
    if let Some(members) = document.as_object_mut() {
        members.retain(|name, _| !HOST.contains(&name.as_str()) || wanted.contains(&name.as_str()));
    }
    for route in document.get_mut("routes").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(route) = route.as_object_mut() {
            route.remove("backend");
            route.remove("shadow");
        }
    }
}

/// What routes say that is not the core's.
#[derive(Default)]
pub(super) struct Apart {
    backends: Vec<RouteBackend>,
    pub(super) shadows: Vec<RouteShadow>,
    /// The routes whose licences the gateway would have to hand to the platform.
    uploads: Vec<usize>,
}

impl Apart {
    /// Licences are handed to the platform by calls that this version does not make: whoever asks for it is told so rather
    /// than left with buyers who wait for a licence.
    pub(super) fn refuse_uploads(&self, problems: &mut Problems) {
        for index in &self.uploads {
            let message = "needs [openapi], which this version does not have: `false` if the application uploads licences";
            problems.add(&format!("routes[{index}].upload"), "conflict", message);
        }
    }

    /// The backends of products that have one of their own. Effects go to the backend of their product, whatever its
    /// routes are called, so its routes must agree: one that names none means the common backend.
    pub(super) fn product_backends(
        self,
        seller: &SellerPart,
        common: &BackendConfig,
        problems: &mut Problems,
    ) -> Vec<ProductBackend> {
        let of_route = |index: usize| {
            let own = self.backends.iter().find(|route| route.index == index);
            own.map_or(common, |route| &route.backend)
        };
        for (index, address) in seller.addresses().iter().enumerate() {
            let first = seller.addresses().iter().position(|other| other.product == address.product);
            if first.is_some_and(|first| !of_route(first).is_same(of_route(index))) {
                let message = format!(
                    "the routes of the product {} name different backends; its effects go to one",
                    address.product
                );
                problems.add(&format!("routes[{index}].backend"), "conflict", message);
            }
        }
        let mut backends: Vec<ProductBackend> = Vec::new();
        for RouteBackend { index, backend } in self.backends {
            let product = seller.addresses().get(index).map(|address| address.product.clone());
            if let Some(product) = product.filter(|one| backends.iter().all(|known| known.product != *one)) {
                backends.push(ProductBackend { product, backend });
            }
        }
        backends
    }
}

/// The old handler of one route.
pub(super) struct RouteShadow {
    path: String,
    dialect: String,
    handler: OldHandler,
}

/// Takes routes and settings out of the document, with what the routes say about their backends and old handlers.
pub(super) fn take(
    document: &mut Value,
    base: &Path,
    problems: &mut Problems,
) -> (Option<SellerPart>, Apart) {
    problems.extend(resolve_secrets(document, base));
    let mut apart = Apart::default();
    for (index, route) in
        document.get_mut("routes").and_then(Value::as_array_mut).into_iter().flatten().enumerate()
    {
        apart.backends.extend(take_backend(route, index, base, problems));
        apart.shadows.extend(take_shadow(route, index, problems));
        let is_online = route.get("dialect").and_then(Value::as_str) == Some("license-online");
        let uploads = route.get("upload").and_then(Value::as_bool).unwrap_or(true);
        apart.uploads.extend((is_online && uploads).then_some(index));
    }
    let Some(members) = document.as_object_mut() else { return (None, apart) };
    let own = ["routes", "settings"].into_iter();
    let own: Map<String, Value> =
        own.filter_map(|name| members.remove(name).map(|value| (name.to_owned(), value))).collect();
    let mut own = Value::Object(own);
    let part = SellerPart::read(&own);
    secret::wipe(&mut own);
    let part = part.map_err(|error| problems.extend(error.problems.into_iter().map(Into::into)));
    (part.ok(), apart)
}

fn take_shadow(route: &mut Value, index: usize, problems: &mut Problems) -> Option<RouteShadow> {
    let value = route.as_object_mut()?.remove("shadow")?;
    let handler = OldHandler::read(&value, &format!("routes[{index}].shadow"), problems);
    let text = |name: &str| route.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(RouteShadow { path: text("path")?, dialect: text("dialect")?, handler: handler? })
}

fn take_backend(
    route: &mut Value,
    index: usize,
    base: &Path,
    problems: &mut Problems,
) -> Option<RouteBackend> {
    let mut value = route.as_object_mut()?.remove("backend")?;
    let backend = BackendConfig::read(&value, &format!("routes[{index}].backend"), base, problems);
    secret::wipe(&mut value);
    Some(RouteBackend { index, backend: backend? })
}
