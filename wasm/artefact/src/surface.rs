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

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, Function, FunctionSection, GlobalSection, GlobalType, Instruction, MemorySection,
        MemoryType, Module, TypeSection, ValType,
    };

    use super::*;

    /// A module of one function, with a custom section.
    fn module(instructions: &[Instruction<'_>]) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut functions = FunctionSection::new();
        functions.function(0);
        let mut memories = MemorySection::new();
        let memory =
            MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None };
        memories.memory(memory);
        let mut globals = GlobalSection::new();
        let number = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
        globals.global(number, &wasm_encoder::ConstExpr::i32_const(0));
        let mut exports = ExportSection::new();
        exports.export("f", ExportKind::Func, 0).export("g", ExportKind::Global, 0);
        let mut body = Function::new([]);
        instructions.iter().chain([&Instruction::End]).for_each(|instruction| {
            body.instruction(instruction);
        });
        let mut code = CodeSection::new();
        code.function(&body);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&memories).section(&globals).section(&exports);
        module.section(&code);
        module.section(&wasm_encoder::CustomSection { name: "producers".into(), data: b"rustc"[..].into() });
        module.finish()
    }

    const COPY: [Instruction<'_>; 4] = [
        Instruction::I32Const(0),
        Instruction::I32Const(0),
        Instruction::I32Const(0),
        Instruction::MemoryCopy { src_mem: 0, dst_mem: 0 },
    ];
    const EXTEND: [Instruction<'_>; 3] =
        [Instruction::I32Const(0), Instruction::I32Extend8S, Instruction::Drop];

    #[test]
    fn what_ships_has_no_custom_section_and_no_exported_global() {
        let shipped = shipped(&module(&COPY)).unwrap();
        assert_eq!(surface(&shipped).unwrap(), ["export f: func() -> ()"]);
        let sections = Parser::new(0).parse_all(&shipped).map(|payload| payload.unwrap());
        assert!(!sections.into_iter().any(|payload| matches!(payload, Payload::CustomSection(_))));
    }

    #[test]
    fn proposals_are_told_by_the_instructions() {
        let proposals = |instructions| proposals(&shipped(&module(instructions)).unwrap()).unwrap();
        assert_eq!(proposals(&[]), [""; 0]);
        assert_eq!(proposals(&COPY), ["bulk-memory: memory.copy and memory.fill"]);
        assert_eq!(proposals(&EXTEND), ["sign-extension-ops"]);
        // A global that is exported and changes.
        assert_eq!(super::proposals(&module(&[])).unwrap(), ["mutable-global"]);
    }

    #[test]
    fn a_module_that_not_every_runtime_loads_has_no_surface() {
        assert!(surface(&module(&COPY)).is_ok());
        assert!(surface(&module(&EXTEND)).is_err());
    }
}
