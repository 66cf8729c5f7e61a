//! Which file of a crate needs which: an arrow goes from a file to every other whose names it uses. Where arrows lead back
//! to where they began, no file of the circle can be understood, tested or taken out without all the others.
//!
//! A name that a file hands on (`pub use`) counts for the file that declares it, not for the one that hands it on. Tests
//! are left out. Methods are not seen, only names.

mod file;
mod token;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

use file::File;

/// From one file to another, by their paths below the folder of the sources.
pub type Arrow = (String, String);

/// A module, by its names from the root of the crate.
type Module = Vec<String>;

/// The files of a crate.
#[derive(Debug, Default)]
pub struct Sources {
    files: BTreeMap<Module, (String, File)>,
}

impl Sources {
    /// Reads every file of sources below a folder: `core/src` for instance.
    ///
    /// # Errors
    /// When a folder or a file cannot be read.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut sources = Self::default();
        sources.collect(folder, "")?;
        Ok(sources)
    }

    fn collect(&mut self, folder: &Path, below: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = format!("{below}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                self.collect(&entry.path(), &format!("{path}/"))?;
            } else if path.ends_with(".rs") {
                self.add(&path, &fs::read_to_string(entry.path())?);
            }
        }
        Ok(())
    }

    /// Adds a file: `ledger/key.rs` is the module `ledger::key`.
    pub fn add(&mut self, path: &str, source: &str) {
        let mut module: Module = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if module.last().is_some_and(|name| name == "mod" || name == "lib") {
            module.pop();
        }
        self.files.insert(module, (path.to_owned(), File::read(source)));
    }

    /// Every arrow between two different files.
    #[must_use]
    pub fn arrows(&self) -> BTreeSet<Arrow> {
        let mut arrows = BTreeSet::new();
        for (module, (from, file)) in self.files.iter().filter(|(module, _)| !self.is_for_tests(module)) {
            for path in self.used_by(module, file) {
                let target = self.declares(&path);
                let (to, _) = &self.files[&target];
                if to != from && !self.is_for_tests(&target) {
                    arrows.insert((from.clone(), to.clone()));
                }
            }
        }
        arrows
    }

    fn is_for_tests(&self, module: &[String]) -> bool {
        module.split_last().is_some_and(|(name, parent)| {
            let declared = self.files.get(parent).is_some_and(|(_, file)| file.tests.contains(name));
            declared || self.is_for_tests(parent)
        })
    }

    /// The paths that a file uses, from the root of the crate. Of a module that it imports these are the names that it
    /// takes out of it.
    fn used_by(&self, module: &Module, file: &File) -> Vec<Module> {
        let mut used = Vec::new();
        for path in file.imports.values() {
            used.extend(self.absolute(module, path).filter(|path| !self.files.contains_key(path)));
        }
        for path in &file.paths {
            let imported = path.split_first().and_then(|(first, rest)| {
                let mut whole = self.absolute(module, file.imports.get(first)?)?;
                whole.extend_from_slice(rest);
                Some(whole)
            });
            used.extend(imported.or_else(|| self.absolute(module, path)));
        }
        used
    }

    /// A path from the root of the crate; `None` for one that leaves it.
    fn absolute(&self, module: &Module, path: &[String]) -> Option<Module> {
        let (first, rest) = path.split_first()?;
        let mut whole = match first.as_str() {
            "crate" => Vec::new(),
            "self" => module.clone(),
            "super" => {
                let up = path.iter().take_while(|name| *name == "super").count();
                let parent = module.get(..module.len().checked_sub(up)?)?;
                return Some(parent.iter().chain(&path[up..]).cloned().collect());
            }
            _ => {
                let child: Module = module.iter().chain([first]).cloned().collect();
                if self.files.contains_key(&child) {
                    child
                } else {
                    // A name that the file hands on may be used in the file as well.
                    let handed_on = self.files[module].1.exports.get(first)?;
                    if handed_on.first() == Some(first) {
                        return None;
                    }
                    self.absolute(module, handed_on)?
                }
            }
        };
        whole.extend_from_slice(rest);
        Some(whole)
    }

    /// The module that declares what a path names.
    fn declares(&self, path: &[String]) -> Module {
        self.follow(path, &mut BTreeSet::new()).unwrap_or_default()
    }

    fn follow(&self, path: &[String], seen: &mut BTreeSet<Module>) -> Option<Module> {
        if !seen.insert(path.to_vec()) {
            return None;
        }
        let depth = (0..=path.len()).rev().find(|depth| self.files.contains_key(&path[..*depth]))?;
        let (module, rest) = path.split_at(depth);
        let module = module.to_vec();
        let Some((name, behind)) = rest.split_first() else { return Some(module) };
        let handed_on = self.files[&module].1.exports.get(name);
        let Some(mut whole) = handed_on.and_then(|path| self.absolute(&module, path)) else {
            return Some(module);
        };
        whole.extend_from_slice(behind);
        self.follow(&whole, seen).or(Some(module))
    }
}

/// The arrows that are part of a circle: from their end there is a way back to their beginning.
#[must_use]
pub fn circles(arrows: &BTreeSet<Arrow>) -> BTreeSet<Arrow> {
    let mut needs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in arrows {
        needs.entry(from).or_default().push(to);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        needs.keys().map(|file| (*file, reached_from(file, &needs))).collect();
    let leads_back =
        |(from, to): &&Arrow| reached.get(to.as_str()).is_some_and(|reached| reached.contains(from.as_str()));
    arrows.iter().filter(leads_back).cloned().collect()
}

/// Every file to which arrows lead from this one.
fn reached_from<'a>(file: &'a str, needs: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next = vec![file];
    while let Some(file) = next.pop() {
        for to in needs.get(file).into_iter().flatten() {
            if reached.insert(*to) {
                next.push(to);
            }
        }
    }
    reached
}
