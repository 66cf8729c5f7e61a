//! The OpenAPI document of the api listener: sound in itself, and true of what the listener does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use countersign_core::Phase;
use countersign_simulator::Dialect;
use countersign_simulator::HttpResponse;
use serde_json::{Value, json};

use crate::support::stranger::Stranger;
use crate::support::{Backend, Gateway, Reply, config};

/// As it stands in the repository.
const FILE: &str = include_str!("../../openapi.json");

const METHODS: [&str; 7] = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH"];
const PROBLEM: &str = "application/problem+json";

fn document() -> Value {
    serde_json::from_str(FILE).unwrap()
}

/// What all problems of one code have in common, by the code.
fn titles() -> &'static BTreeMap<String, String> {
    static TITLES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
        let document = document();
        let examples = document["components"]["examples"].as_object().unwrap().iter();
        examples
            .map(|(code, one)| (code.clone(), one["value"]["title"].as_str().unwrap().to_owned()))
            .collect()
    });
    &TITLES
}

/// One operation of the document.
#[derive(Clone)]
struct Operation {
    path: String,
    method: &'static str,
    described: Value,
}

impl Operation {
    fn id(&self) -> &str {
        self.described["operationId"].as_str().unwrap()
    }

    /// The scopes that it asks for; `None`: no token.
    fn scopes(&self) -> Option<Vec<&str>> {
        let security = self.described["security"].as_array().unwrap();
        assert_eq!(security.len(), 1, "{}", self.id());
        let scopes = security[0].get("bearer")?.as_array().unwrap();
        Some(scopes.iter().map(|scope| scope.as_str().unwrap()).collect())
    }

    /// Its path with this id.
    fn with(&self, id: &str) -> String {
        self.path.replace("{id}", id)
    }

    /// What is documented for a status, if anything is, by media type.
    fn content(&self, status: u16) -> Option<&Value> {
        self.described["responses"].get(status.to_string())?.get("content")
    }

    /// The kinds of problems under one status: code, title.
    fn problems(&self, status: u16) -> BTreeMap<&str, &str> {
        let examples = self.content(status).and_then(|content| content.get(PROBLEM)?["examples"].as_object());
        let codes = examples.into_iter().flatten().map(|(code, _)| code.as_str());
        codes.map(|code| (code, titles()[code].as_str())).collect()
    }
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (name, described) in item.as_object().unwrap() {
            let method = METHODS.into_iter().find(|method| method.eq_ignore_ascii_case(name));
            let method = method.unwrap_or_else(|| panic!("{name} of {path} is no method"));
            found.push(Operation { path: path.clone(), method, described: described.clone() });
        }
    }
    assert!(found.len() >= 8, "{} operations", found.len());
    found
}

fn operation(id: &str) -> Operation {
    operations(&document()).into_iter().find(|one| one.id() == id).unwrap()
}

/// A document in which everything that is looked at is found.
fn resolve<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    match value.get("$ref").and_then(Value::as_str) {
        None => value,
        Some(reference) => {
            let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads outside"));
            document.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
        }
    }
}

/// Calls `see` with every object of a document, and where it stands.
fn each_object(value: &Value, at: &str, see: &mut impl FnMut(&str, &serde_json::Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            see(at, members);
            members.iter().for_each(|(name, value)| each_object(value, &format!("{at}/{name}"), see));
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| each_object(item, &format!("{at}/{index}"), see));
        }
        _ => {}
    }
}

/// Why a value is not as a schema says: of another type, without a required member, with one that is not described.
fn differs(document: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let schema = resolve(document, schema);
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        return (!choices.contains(value)).then(|| format!("{at}: {value} is none of {choices:?}"));
    }
    if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
        let fits = choices.iter().any(|choice| differs(document, choice, value, at).is_none());
        return (!fits).then(|| format!("{at}: {value} is none of the choices"));
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().map(|one| one.as_str().unwrap()).collect(),
        _ => return Some(format!("{at}: the schema has no type")),
    };
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !types.contains(&is) {
        return Some(format!("{at}: {value} is none of {types:?}"));
    }
    match value {
        Value::Array(items) => {
            items.iter().find_map(|item| differs(document, &schema["items"], item, &format!("{at}[]")))
        }
        Value::Object(members) => {
            let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            let missing =
                required.map(|name| name.as_str().unwrap()).find(|name| !members.contains_key(*name));
            missing.map(|name| format!("{at} has no {name}")).or_else(|| {
                members.iter().find_map(|(name, value)| match schema["properties"].get(name) {
                    None => Some(format!("{at}.{name} is not described")),
                    Some(schema) => differs(document, schema, value, &format!("{at}.{name}")),
                })
            })
        }
        _ => None,
    }
}

/// An answer is one of those that the document has for this operation.
fn documented(operation: &Operation, answer: &HttpResponse) -> Value {
    let document = document();
    let id = operation.id();
    let content = operation.content(answer.status);
    let content = content.unwrap_or_else(|| panic!("{id} has no {} in the document", answer.status));
    let media_type = answer.header("Content-Type").unwrap();
    let described = content.get(media_type).unwrap_or_else(|| panic!("{id} has no {media_type}"));
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(differs(&document, &described["schema"], &body, "the answer"), None, "{id}: {body}");
    if media_type == PROBLEM {
        let code = body["error"]["code"].as_str().unwrap();
        let problems = operation.problems(answer.status);
        let title =
            problems.get(code).unwrap_or_else(|| panic!("{id} has no {code} under {}", answer.status));
        assert_eq!(body["title"], **title);
        assert_eq!(body["type"], format!("urn:problem-type:countersign:{code}"));
        assert_eq!(body["status"], answer.status);
        assert_eq!(body["detail"], body["error"]["message"]);
    }
    body
}

fn bearer(token: &str) -> [(&'static str, String); 1] {
    [("Authorization", format!("Bearer {token}"))]
}

fn gateway() -> Gateway {
    Gateway::start(config(&Backend::start(|_| Reply::done())))
}

#[test]
fn the_document_is_served_without_a_token_as_it_stands_in_the_repository() {
    let gateway = gateway();
    let answer = gateway.api_raw("GET", "/openapi.json", &[], "");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("Content-Type"), Some("application/json"));
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    let served = String::from_utf8(answer.body).unwrap();
    assert!(served == FILE, "`cargo xtask generate` writes it anew");
    gateway.stop();
}

#[test]
fn the_document_is_openapi_3_1() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    for name in ["title", "description"] {
        assert!(!document["info"][name].as_str().unwrap().is_empty());
    }
    let fixed = ["openapi", "info", "paths", "components", "tags"];
    let members: BTreeSet<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, BTreeSet::from(fixed));
    each_object(&document, "", &mut |at, members| {
        if members.contains_key("$ref") {
            resolve(&document, &Value::Object(members.clone()));
        }
        // What OpenAPI 3.0 had and JSON Schema has not.
        assert!(!members.contains_key("nullable") || at.ends_with("/properties"), "{at}");
        if let Some(description) = members.get("description").and_then(Value::as_str) {
            assert!(!description.is_empty(), "{at}");
        }
    });
}

#[test]
fn every_part_of_the_document_is_described() {
    let document = document();
    let has_text = |value: &Value, name: &str| value[name].as_str().is_some_and(|text| !text.is_empty());
    let tags: Vec<&str> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut ids = BTreeSet::new();
    for operation in operations(&document) {
        let (id, described) = (operation.id(), &operation.described);
        assert!(ids.insert(id.to_owned()), "{id} stands twice");
        assert!(has_text(described, "summary") && has_text(described, "description"), "{id}");
        let own = described["tags"].as_array().unwrap();
        assert!(own.len() == 1 && tags.contains(&own[0].as_str().unwrap()), "{id}: {own:?}");

        let parameters = described.get("parameters").and_then(Value::as_array);
        let parameters = parameters.map(Vec::as_slice).unwrap_or_default();
        let mut in_path = BTreeSet::new();
        for parameter in parameters {
            let name = parameter["name"].as_str().unwrap();
            assert!(has_text(parameter, "description"), "{id}: {name}");
            assert!(resolve(&document, &parameter["schema"]).get("type").is_some(), "{id}: {name}");
            match parameter["in"].as_str() {
                Some("path") => {
                    assert_eq!(parameter["required"], true, "{id}: {name}");
                    in_path.insert(format!("{{{name}}}"));
                }
                place => assert_eq!(place, Some("query"), "{id}: {name}"),
            }
        }
        let segments = operation.path.split('/').filter(|segment| segment.starts_with('{'));
        assert_eq!(in_path, segments.map(str::to_owned).collect(), "{id}");

        if let Some(body) = described.get("requestBody") {
            assert!(has_text(body, "description") && body["required"] == true, "{id}");
            assert!(resolve(&document, &body["content"]["application/json"]["schema"]).is_object(), "{id}");
        }
        assert_eq!(
            matches!(operation.method, "PUT" | "POST"),
            described.get("requestBody").is_some(),
            "{id}"
        );

        let responses = described["responses"].as_object().unwrap();
        assert!(responses.contains_key("200"), "{id}");
        for (status, response) in responses {
            let status: u16 = status.parse().unwrap();
            assert!(has_text(response, "description"), "{id}: {status}");
            for (media_type, content) in response["content"].as_object().unwrap() {
                let schema = resolve(&document, &content["schema"]);
                assert!(schema.get("type").is_some(), "{id}: {status} {media_type}");
                for (code, example) in
                    content.get("examples").and_then(Value::as_object).into_iter().flatten()
                {
                    let value = &resolve(&document, example)["value"];
                    assert_eq!(differs(&document, schema, value, code), None, "{id}");
                    assert_eq!((&value["error"]["code"], &value["status"]), (&json!(code), &json!(status)));
                }
            }
        }
        assert_eq!(operation.scopes().is_some(), responses.contains_key("401"), "{id}");
        assert_eq!(operation.scopes().is_some(), responses.contains_key("403"), "{id}");
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(has_text(schema, "description"), "{name}");
        for (member, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let says = |schema: &Value| {
                has_text(schema, "description") || has_text(resolve(&document, schema), "description")
            };
            // What may be null is described at the choice that it is otherwise.
            let choices = property.get("oneOf").and_then(Value::as_array).into_iter().flatten();
            let described = says(property) || choices.into_iter().any(says);
            assert!(described, "{name}.{member}");
        }
    }
    let bearer = &document["components"]["securitySchemes"]["bearer"];
    assert_eq!((&bearer["type"], &bearer["scheme"]), (&json!("http"), &json!("bearer")));
    assert!(has_text(bearer, "description"));
}

#[test]
fn every_operation_is_served_and_its_path_takes_no_other_method() {
    let gateway = gateway();
    for operation in operations(&document()) {
        let path = operation.with("x");
        for method in METHODS {
            let request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n");
            let head = Stranger::says(gateway.running().api().unwrap(), &request).head();
            if method == operation.method {
                let expected = if operation.scopes().is_some() { 401 } else { 200 };
                assert!(head.starts_with(&format!("HTTP/1.1 {expected} ")), "{request}{head}");
            } else {
                assert!(head.starts_with("HTTP/1.1 405 "), "{request}{head}");
                assert!(head.contains(&format!("\r\nAllow: {}\r\n", operation.method)), "{request}{head}");
                assert!(head.contains(&format!("\r\nContent-Type: {PROBLEM}\r\n")), "{request}{head}");
            }
        }
    }
    let unknown = gateway.api_raw("GET", "/nothing", &[], "");
    assert_eq!((unknown.status, unknown.header("Content-Type")), (404, Some(PROBLEM)));
    gateway.stop();
}

#[test]
fn an_operation_asks_for_the_scopes_that_the_document_names() {
    let all = ["check", "read", "operate", "secrets"];
    let mut configuration = config(&Backend::start(|_| Reply::done()));
    let tokens = all.map(|scope| json!({"token": scope, "scopes": [scope]}));
    configuration["api"]["tokens"] = json!(tokens);
    let gateway = Gateway::start(configuration);
    for operation in operations(&document()) {
        let Some(scopes) = operation.scopes() else { continue };
        assert_eq!(scopes.len(), 1, "{}", operation.id());
        for scope in all {
            let answer = gateway.api_raw(operation.method, &operation.with("x"), &bearer(scope), "");
            let refused = answer.status == 403;
            assert_eq!(
                refused,
                !scopes.contains(&scope),
                "{} with {scope}: {}",
                operation.id(),
                answer.status
            );
            documented(&operation, &answer);
        }
        documented(&operation, &gateway.api_raw(operation.method, &operation.with("x"), &[], ""));
    }
    gateway.stop();
}

#[test]
fn every_code_of_the_document_stands_in_a_table_and_under_its_meaning() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut meanings: BTreeMap<String, String> = BTreeMap::new();
    for (file, code, meaning) in [("host/CODES.md", 1, 2), ("core/REASONS.md", 2, 4)] {
        for line in std::fs::read_to_string(root.join(file)).unwrap().lines() {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            if let (Some(code), Some(meaning)) = (cells.get(code), cells.get(meaning)) {
                meanings.insert(code.trim_matches('`').to_owned(), (*meaning).to_owned());
            }
        }
    }
    let mut codes = BTreeSet::new();
    for operation in operations(&document()) {
        for status in operation.described["responses"].as_object().unwrap().keys() {
            for (code, title) in operation.problems(status.parse().unwrap()) {
                let meaning = meanings.get(code).unwrap_or_else(|| panic!("{code} stands in no table"));
                // What an engine says has one title, whichever way it failed.
                let of_engine = title == "the engine did not carry out the call";
                assert!(of_engine || meaning == title, "{code}: {title:?} is {meaning:?} in the table");
                codes.insert(code.to_owned());
            }
        }
    }
    assert!(codes.len() > 15, "{codes:?}");
}

#[test]
fn what_is_answered_is_what_the_document_says() {
    let gateway = gateway();
    let platform = gateway.platform();
    let bought = platform.buys(Dialect::SaasV2);
    platform.buys(Dialect::SaasV1);
    let (list, one) = (operation("listInstances"), operation("getInstance"));
    for token in ["reader", "owner"] {
        let page = documented(&list, &gateway.api_raw("GET", "/v1/instances?limit=1", &bearer(token), ""));
        assert!(page["next"].is_string(), "{page}");
        let page = documented(&list, &gateway.api_raw("GET", "/v1/instances", &bearer(token), ""));
        assert_eq!(page["instances"].as_array().unwrap().len(), 2);
        documented(&one, &gateway.api_raw("GET", &one.with(&bought), &bearer(token), ""));
    }
    for query in ["?limit=0", "?limit=1&limit=1", "?what=1", "?after=%zz"] {
        let answer = gateway.api_raw("GET", &format!("/v1/instances{query}"), &bearer("reader"), "");
        assert_eq!(documented(&list, &answer)["error"]["code"], "malformed-request", "{query}");
    }
    for (path, status) in [("nobody", 404), ("%ff", 400), ("%zz", 400), ("a%2Fb", 404), ("a+b", 404)] {
        let answer = gateway.api_raw("GET", &one.with(path), &bearer("reader"), "");
        documented(&one, &answer);
        assert_eq!(answer.status, status, "{path}");
    }
    let long = "x".repeat(2_000);
    let answer = gateway.api_raw("GET", &one.with(&long), &bearer("reader"), "");
    documented(&one, &answer);
    let (access, effect) = (operation("replaceAccess"), operation("reportEffect"));
    let large = " ".repeat(300_000);
    for (operation, id, body, code) in [
        (&access, bought.as_str(), r#"{"front_end_url": "https://crm.example/b"}"#, None),
        (&access, &bought, "", Some("malformed-request")),
        (&access, &bought, "{}", Some("backend-answer-invalid")),
        (&access, &bought, r#"{"frontEndUrl": "https://a.example"}"#, Some("backend-answer-invalid")),
        (&access, &bought, &large, Some("body-too-large")),
        (&access, "nobody", r#"{"front_end_url": "https://crm.example/b"}"#, Some("unknown-instance")),
        (&effect, "x", r#"{"outcome": "done"}"#, Some("unknown-effect")),
        (&effect, "x", r#"{"outcome": "accepted"}"#, Some("malformed-request")),
        (&effect, "x", &large, Some("body-too-large")),
    ] {
        let answer = gateway.api_raw(operation.method, &operation.with(id), &bearer("operator"), body);
        let body = documented(operation, &answer);
        assert_eq!(body["error"]["code"].as_str(), code);
    }
    gateway.stop();
}

#[test]
fn a_body_that_does_not_arrive_is_a_problem_too() {
    let mut configuration = config(&Backend::start(|_| Reply::done()));
    configuration["limits"] = json!({"body_timeout_ms": 1_000});
    let gateway = Gateway::start(configuration);
    let effect = operation("reportEffect");
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer operator\r\nContent-Length: 10\r\n\r\n{{",
        effect.with("x")
    );
    let answer = Stranger::says(gateway.running().api().unwrap(), &request).rest();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 408 "), "{answer}");
    let headers = vec![("Content-Type".to_owned(), PROBLEM.to_owned())];
    let answer = HttpResponse { status: 408, headers, body: body.into() };
    assert_eq!(documented(&effect, &answer)["error"]["code"], "body-incomplete");
    gateway.stop();
}

#[test]
fn the_document_has_the_phases_and_the_members_that_the_core_has() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let phases =
        [Phase::Reserved, Phase::Refused, Phase::Trial, Phase::Active, Phase::Frozen, Phase::Released];
    assert_eq!(schemas["Phase"]["enum"], json!(phases));
    let members: BTreeSet<&String> =
        schemas["AccessChange"]["properties"].as_object().unwrap().keys().collect();
    let gateway = gateway();
    let answer = gateway.api_raw("PUT", "/v1/instances/x/access", &bearer("operator"), r#"{"something": 1}"#);
    let said = documented(&operation("replaceAccess"), &answer);
    let (_, known) = said["detail"].as_str().unwrap().split_once("known are: ").unwrap();
    assert_eq!(
        known.split(", ").map(str::to_owned).collect::<BTreeSet<_>>().iter().collect::<BTreeSet<_>>(),
        members
    );
    gateway.stop();
}
