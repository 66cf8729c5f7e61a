//! Prints the OpenAPI document of the api listener; `cargo xtask generate` writes it to `host/service/openapi.json`.

fn main() -> serde_json::Result<()> {
    print!("{}", countersign::api::openapi()?);
    Ok(())
}
