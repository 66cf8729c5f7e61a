//! The README in English and in Chinese are one text: whoever changes one is told what the other lacks.

use std::collections::BTreeSet;

use countersign_documents::{Block, Document, Table, document};

/// Words that the Chinese page does not use, and the field's word for each.
const FORBIDDEN: [(&str, &str); 5] = [
    ("卖家", "商家"),
    ("应答", "响应"),
    ("核心", "内核"),
    ("第二意见", "交叉验证"),
    ("机密", "密钥、令牌等敏感项"),
];

fn twins() -> [Document; 2] {
    ["README.md", "README.zh-CN.md"].map(|path| document(path).unwrap())
}

#[test]
fn headings_stand_in_the_same_order() {
    let levels = twins().map(|twin| twin.headings.iter().map(|heading| heading.level).collect::<Vec<_>>());
    assert_eq!(levels[0], levels[1]);
}

/// Apart from comments, which are in the language of the page.
#[test]
fn code_is_the_same() {
    let [english, chinese] = twins();
    assert_eq!(english.blocks.len(), chinese.blocks.len());
    for (one, other) in english.blocks.iter().zip(&chinese.blocks) {
        assert_eq!(one.language, other.language, "line {}", one.line);
        assert_eq!(without_comments(one), without_comments(other), "line {}", one.line);
    }
}

fn without_comments(block: &Block) -> Vec<&str> {
    let mark = match block.language.as_str() {
        "console" | "toml" => " # ",
        "js" => " // ",
        _ => "\0",
    };
    block.text.lines().map(|line| line.split(mark).next().unwrap_or(line).trim_end()).collect()
}

#[test]
fn tables_have_the_same_rows_about_the_same_things() {
    let [english, chinese] = twins();
    assert_eq!(english.tables.len(), chinese.tables.len());
    for (one, other) in english.tables.iter().zip(&chinese.tables) {
        assert_eq!(one.rows.len(), other.rows.len(), "the tables of lines {} and {}", one.line, other.line);
        for (number, (row, twin)) in one.rows.iter().zip(&other.rows).enumerate() {
            let place = format!("row {number} of the tables of lines {} and {}", one.line, other.line);
            assert_eq!(row.len(), twin.len(), "{place}");
            let code = |row: &[String]| {
                row.iter().flat_map(|cell| Table::code(cell)).map(str::to_owned).collect::<BTreeSet<_>>()
            };
            assert_eq!(code(row), code(twin), "{place}");
        }
    }
}

/// What a section says of commands, settings and fields it says in both languages.
#[test]
fn sections_speak_of_the_same_things() {
    let [english, chinese] = twins().map(|twin| sections(&twin));
    for ((heading, one), (twin, other)) in english.iter().zip(&chinese) {
        assert_eq!(one, other, "{heading} / {twin}");
    }
}

/// Each heading with the code that stands in the text below it.
fn sections(document: &Document) -> Vec<(String, BTreeSet<String>)> {
    let mut text = document.text.clone();
    for block in &document.blocks {
        text = text.replace(&format!("```{}\n{}```", block.language, block.text), "");
    }
    let mut sections = Vec::new();
    let mut rest = text.as_str();
    for heading in &document.headings {
        let line = format!("{} {}\n", "#".repeat(heading.level), heading.text);
        let (_, after) = rest.split_once(&line).unwrap();
        rest = after;
        let end = ["\n# ", "\n## ", "\n### "].iter().filter_map(|mark| after.find(mark)).min();
        let own = after[..end.unwrap_or(after.len())].split_whitespace().collect::<Vec<_>>().join(" ");
        sections.push((heading.text.clone(), Table::code(&own).into_iter().map(str::to_owned).collect()));
    }
    sections
}

#[test]
fn the_chinese_page_speaks_as_the_field_does() {
    let [_, chinese] = twins();
    for (number, line) in (1..).zip(chinese.text.lines()) {
        for (word, instead) in FORBIDDEN {
            assert!(!line.contains(word), "line {number}: {word}, where the field says {instead}");
        }
    }
}

#[test]
fn both_tell_before_the_first_heading_for_whom_it_is_and_what_v2_does_not_name() {
    for (twin, words) in twins().iter().zip([
        ["sellers whose product", "a V2 purchase names neither plan nor buyer"],
        ["面向在云商店上架 SaaS 类、License 类或联营 Kit 类商品", "V2 的购买请求既不含套餐，也不含买家"],
    ]) {
        let first_screen = twin.text.split("\n## ").next().unwrap();
        assert!(first_screen.lines().count() < 24, "{} begins with more than a screen", twin.path);
        for word in words {
            assert!(first_screen.contains(word), "{}: {word}", twin.path);
        }
    }
}
