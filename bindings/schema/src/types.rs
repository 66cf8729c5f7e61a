//! The named types that operations use, each once.

use countersign_core::abi::describe::{Enum, Field, Operation, Shape, Struct};

/// A type with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    Struct(Struct),
    Enum(Enum),
}

impl Named {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Struct(one) => one.name,
            Self::Enum(one) => one.name,
        }
    }

    /// The fields, of an enum those of all variants.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &'static Field> {
        let (of_struct, of_enum) = match self {
            Self::Struct(one) => (one.fields, &[][..]),
            Self::Enum(one) => (&[][..], one.variants),
        };
        of_struct.iter().chain(of_enum.iter().flat_map(|variant| variant.fields))
    }
}

/// All that these operations use, by name.
pub(crate) fn of(operations: &[Operation]) -> Vec<Named> {
    let mut found = Vec::new();
    for operation in operations {
        for argument in operation.arguments {
            collect(argument.shape, &mut found);
        }
        collect(operation.output, &mut found);
    }
    found.sort_by_key(Named::name);
    found
}

fn collect(shape: &'static Shape, found: &mut Vec<Named>) {
    let named = match shape {
        Shape::Struct(one) => Named::Struct(*one),
        Shape::Enum(one) => Named::Enum(*one),
        Shape::Optional(inner) | Shape::List(inner) => return collect(inner, found),
        Shape::Pair(first, second) => {
            collect(first, found);
            return collect(second, found);
        }
        _ => return,
    };
    if !found.contains(&named) {
        found.push(named);
        named.fields().for_each(|field| collect(field.shape, found));
    }
}

/// `OutOfTime` as it stands in JSON: `out-of-time`.
pub(crate) fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for (at, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}

/// `body_limit` as most languages write it: `bodyLimit`.
pub(crate) fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |camel, word| camel + &pascal(word))
}

/// `body_limit` as a type: `BodyLimit`.
pub(crate) fn pascal(name: &str) -> String {
    name.split('_').fold(String::new(), |pascal, word| {
        let (first, rest) = word.split_at_checked(1).unwrap_or_default();
        pascal + &first.to_ascii_uppercase() + rest
    })
}

/// The sentences of a description, without the blanks that doc comments begin with.
pub(crate) fn about(operation: &Operation) -> String {
    operation.about.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use countersign_core::abi::OPERATIONS;

    use super::*;

    #[test]
    fn a_name_means_one_type() {
        let types = of(OPERATIONS);
        for pair in types.windows(2) {
            let [first, second] = pair else { continue };
            assert_ne!(first.name(), second.name(), "{first:?} and {second:?}");
        }
        assert!(types.iter().any(|one| one.name() == "Assignment"));
    }

    #[test]
    fn names_are_spelt_as_each_language_spells_them() {
        assert_eq!(kebab("OutOfTime"), "out-of-time");
        assert_eq!((camel("view_instance"), pascal("row")), ("viewInstance".into(), "Row".into()));
    }
}
