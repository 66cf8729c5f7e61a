//! What a module asks of its host and what it offers.

use wasm_encoder::{ExportKind, ExportSection, RawSection};
use wasmparser::{
    BinaryReaderError, Export, ExternalKind, Parser, Payload, TypeRef, Validator, WasmFeatures,
};

/// The module is not valid WebAssembly, or not of the version that every runtime loads.
pub type SurfaceError = BinaryReaderError;

/// The number of sections that runtimes skip.
pub(crate) const CUSTOM: u8 = 0;

/// WebAssembly 1.0 with `memory.copy` and `memory.fill`.
const LOADED_EVERYWHERE: WasmFeatures = WasmFeatures::WASM1.union(WasmFeatures::BULK_MEMORY_OPT);

/// What WebAssembly 2.0 has beyond the very first version, by the names of the proposals. Reference types and bulk memory
/// count twice: compilers use small parts of them that need no tables.
const PROPOSALS: [(&str, WasmFeatures); 9] = [
    ("mutable-global", WasmFeatures::MUTABLE_GLOBAL),
    ("sign-extension-ops", WasmFeatures::SIGN_EXTENSION),
    ("nontrapping-float-to-int", WasmFeatures::SATURATING_FLOAT_TO_INT),
    ("multi-value", WasmFeatures::MULTI_VALUE),
    ("bulk-memory: memory.copy and memory.fill", WasmFeatures::BULK_MEMORY_OPT),
    ("bulk-memory", WasmFeatures::BULK_MEMORY.difference(WasmFeatures::BULK_MEMORY_OPT)),
    ("reference-types: long table indices", WasmFeatures::CALL_INDIRECT_OVERLONG),
    ("reference-types", WasmFeatures::REFERENCE_TYPES.difference(WasmFeatures::CALL_INDIRECT_OVERLONG)),
    ("simd", WasmFeatures::SIMD),
];

/// The proposals that a runtime must know to load the module.
///
/// # Errors
///
/// The first thing that is not valid WebAssembly 2.0.
pub fn proposals(module: &[u8]) -> Result<Vec<&'static str>, SurfaceError> {
    let validate = |features| Validator::new_with_features(features).validate_all(module);
    validate(WasmFeatures::WASM2)?;
    let needed = PROPOSALS.iter().filter(|(_, proposal)| {
        let without = WasmFeatures::WASM2.difference(*proposal);
        validate(without).is_err()
    });
    Ok(needed.map(|(name, _)| *name).collect())
}

/// One line for each import and export, in the order of the module, with types and limits. Fails unless the module is
/// valid WebAssembly 1.0 with `memory.copy` and `memory.fill` and nothing else of later versions: then every runtime
/// loads it.
///
/// # Errors
///
/// The first thing that is not valid.
pub fn surface(module: &[u8]) -> Result<Vec<String>, SurfaceError> {
    let types = Validator::new_with_features(LOADED_EVERYWHERE).validate_all(module)?;
    let types = types.as_ref();
    let mut lines = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    lines.push(format!("import {}.{}: {}", import.module, import.name, kind(import.ty)));
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    let what = match export.kind {
                        ExternalKind::Func => signature(&types, export.index),
                        ExternalKind::Memory => memory(&types, export.index),
                        other => format!("{other:?}").to_lowercase(),
                    };
                    lines.push(format!("export {}: {what}", export.name));
                }
            }
            Payload::StartSection { .. } => lines.push("start function".into()),
            _ => {}
        }
    }
    Ok(lines)
}

fn kind(ty: TypeRef) -> &'static str {
    match ty {
        TypeRef::Func(_) | TypeRef::FuncExact(_) => "func",
        TypeRef::Table(_) => "table",
        TypeRef::Memory(_) => "memory",
        TypeRef::Global(_) => "global",
        TypeRef::Tag(_) => "tag",
    }
}

fn signature(types: &wasmparser::types::TypesRef<'_>, function: u32) -> String {
    let ty = types[types.core_function_at(function)].unwrap_func();
    let list = |values: &[wasmparser::ValType]| {
        values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    format!("func({}) -> ({})", list(ty.params()), list(ty.results()))
}

fn memory(types: &wasmparser::types::TypesRef<'_>, memory: u32) -> String {
    let maximum = types.memory_at(memory).maximum;
    format!("memory of at most {} pages", maximum.map_or("any number of".into(), |pages| pages.to_string()))
}

/// What ships of a module. No custom sections: names and producers, which nothing reads and which would tell the machine.
/// No exported globals: the linker adds `__heap_base` and `__data_end` for tools that we do not use, and an export that
/// nobody promised is one that somebody comes to need.
pub(crate) fn shipped(module: &[u8]) -> Result<Vec<u8>, SurfaceError> {
    let mut rewritten = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::ExportSection(section) = payload {
            let mut kept = ExportSection::new();
            for export in section {
                let Export { name, kind, index } = export?;
                match kind {
                    ExternalKind::Func => kept.export(name, ExportKind::Func, index),
                    ExternalKind::Memory => kept.export(name, ExportKind::Memory, index),
                    _ => continue,
                };
            }
            rewritten.section(&kept);
        } else if let Some((id, range)) = payload.as_section().filter(|(id, _)| *id != CUSTOM) {
            rewritten.section(&RawSection { id, data: &module[range] });
        }
    }
    Ok(rewritten.finish())
}
