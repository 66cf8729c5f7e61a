//! As much of Markdown as the documents use: headings, fenced blocks, tables.

/// One document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// In the workspace.
    pub path: String,
    /// The whole text.
    pub text: String,
    /// In the order of the text.
    pub headings: Vec<Heading>,
    /// Fenced blocks, in the order of the text.
    pub blocks: Vec<Block>,
    /// In the order of the text.
    pub tables: Vec<Table>,
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The number of `#`.
    pub level: usize,
    /// Without them.
    pub text: String,
}

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The number of the line that opens it, from 1.
    pub line: usize,
    /// The first word after the fence; empty where there is none.
    pub language: String,
    /// The lines between the fences.
    pub text: String,
}

/// A table: its rows without the line of dashes, each with its cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The number of its first line, from 1.
    pub line: usize,
    /// The first is the head.
    pub rows: Vec<Vec<String>>,
}

const FENCE: &str = "```";

impl Document {
    /// Reads a text.
    #[must_use]
    pub fn read(path: &str, text: &str) -> Self {
        let mut document = Self {
            path: path.to_owned(),
            text: text.to_owned(),
            headings: Vec::new(),
            blocks: Vec::new(),
            tables: Vec::new(),
        };
        let mut open: Option<Block> = None;
        let mut in_table = false;
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(block) = &mut open {
                if line.trim_end() == FENCE {
                    document.blocks.extend(open.take());
                } else {
                    block.text += line;
                    block.text.push('\n');
                }
                continue;
            }
            let was_in_table = std::mem::replace(&mut in_table, line.starts_with('|'));
            if let Some(info) = line.strip_prefix(FENCE) {
                let language = info.split_whitespace().next().unwrap_or_default().to_owned();
                open = Some(Block { line: number, language, text: String::new() });
            } else if in_table {
                if !was_in_table {
                    document.tables.push(Table { line: number, rows: Vec::new() });
                }
                if let Some(table) = document.tables.last_mut()
                    && !is_rule(line)
                {
                    table.rows.push(cells(line));
                }
            } else if let Some(heading) = heading(line) {
                document.headings.push(heading);
            }
        }
        // A fence that nobody closes runs to the end.
        document.blocks.extend(open);
        document
    }
}

impl Table {
    /// What stands between back-quotes in one cell, in order.
    #[must_use]
    pub fn code(cell: &str) -> Vec<&str> {
        cell.split('`').skip(1).step_by(2).collect()
    }
}

fn heading(line: &str) -> Option<Heading> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    let text = text.strip_prefix(' ')?;
    (level > 0).then(|| Heading { level, text: text.to_owned() })
}

fn is_rule(line: &str) -> bool {
    line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ')) && line.contains('-')
}

/// Without the outer bars; a bar after a backslash belongs to its cell.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut before = ' ';
    for c in line.trim().trim_matches('|').chars() {
        if c == '|' && before != '\\' {
            cells.push(String::new());
        } else if let Some(cell) = cells.last_mut() {
            cell.push(c);
        }
        before = c;
    }
    cells.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# One\n\n```rust\n# not a heading\n| no | table |\n```\n\n## Two\n\n| a | `b\\|c` |\n|---|---|\n| 1 | 2 |\n\nx\n\n```\nlast";

    #[test]
    fn headings_blocks_and_tables_are_told_apart() {
        let document = Document::read("x.md", TEXT);
        let headings: Vec<_> =
            document.headings.iter().map(|heading| (heading.level, heading.text.as_str())).collect();
        assert_eq!(headings, [(1, "One"), (2, "Two")]);
        assert_eq!(document.blocks.len(), 2);
        assert_eq!(document.blocks[0].language, "rust");
        assert_eq!(document.blocks[0].text, "# not a heading\n| no | table |\n");
        assert_eq!((document.blocks[1].line, document.blocks[1].language.as_str()), (16, ""));
        assert_eq!(document.tables.len(), 1);
        assert_eq!(document.tables[0].rows, [["a", "`b\\|c`"], ["1", "2"]]);
        assert_eq!(Table::code(&document.tables[0].rows[0][1]), ["b\\|c"]);
    }
}
