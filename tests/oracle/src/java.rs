//! One Java process per batch of questions.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use countersign_core::wire::hex;

/// Everything that [`Oracle::prepare`] compiles and fetches is made from these two files.
const SOURCES: [(&str, &str); 2] =
    [("Oracle.java", include_str!("../java/Oracle.java")), ("pom.xml", include_str!("../java/pom.xml"))];

/// One line for the Java program.
pub struct Question(String);

/// A question: the name of an operation of `Oracle.java`, and its arguments as bytes.
#[must_use]
pub fn question(operation: &str, arguments: &[&[u8]]) -> Question {
    let mut line = String::from(operation);
    for argument in arguments {
        line.push(' ');
        line.push_str(if argument.is_empty() { "-" } else { "" });
        hex::encode_to(&mut line, argument);
    }
    Question(line)
}

/// The compiled Java program and the libraries that it needs.
pub struct Oracle {
    class_path: String,
}

impl Oracle {
    /// Fetches Jackson and compiles the program, unless that was done before.
    ///
    /// `folder` is the caller's `env!("CARGO_TARGET_TMPDIR")`.
    ///
    /// # Panics
    ///
    /// Without `mvn` or `javac`, with a message that names what is missing.
    #[must_use]
    pub fn prepare(folder: &str) -> Self {
        let folder = Path::new(folder).join("oracle");
        fs::create_dir_all(&folder).expect("the target folder can be written");
        // Several test processes may come here at once; the lock falls with the file.
        let lock = File::create(folder.join("lock")).expect("the target folder can be written");
        lock.lock().expect("the file can be locked");
        let (jars, classes) = (folder.join("jars"), folder.join("classes"));
        if !is_current(&folder) {
            for (name, text) in SOURCES {
                fs::write(folder.join(name), text).expect("the target folder can be written");
            }
            let mut output = std::ffi::OsString::from("-DoutputDirectory=");
            output.push(&jars);
            let pom = folder.join("pom.xml");
            run(Command::new("mvn")
                .args(["-q", "-B", "-f"])
                .arg(pom)
                .arg("dependency:copy-dependencies")
                .arg(output));
            run(Command::new("javac")
                .arg("-cp")
                .arg(all(&jars))
                .arg("-d")
                .arg(&classes)
                .arg(folder.join("Oracle.java")));
            fs::write(folder.join("made-from"), made_from()).expect("the target folder can be written");
        }
        Self { class_path: format!("{}:{}", classes.display(), all(&jars).display()) }
    }

    /// The answers in the order of the questions: bytes, or the class of the exception.
    ///
    /// # Panics
    ///
    /// Without `java`, or if it does not answer every question.
    #[must_use]
    pub fn ask(&self, questions: &[Question]) -> Vec<Result<Vec<u8>, String>> {
        let mut process = Command::new("java")
            .args(["-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", &self.class_path, "Oracle"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| missing("java", &error));
        let mut input = process.stdin.take().expect("standard input is piped");
        let output = std::thread::scope(|scope| {
            scope.spawn(move || {
                for Question(line) in questions {
                    writeln!(input, "{line}").expect("java reads to the end");
                }
            });
            process.wait_with_output().expect("java ends")
        });
        let text = String::from_utf8(output.stdout).expect("answers are ASCII");
        let answers: Vec<_> = text.lines().map(answer).collect();
        assert_eq!(answers.len(), questions.len(), "java answers every question");
        answers
    }
}

fn answer(line: &str) -> Result<Vec<u8>, String> {
    match line.split_once(' ') {
        Some(("ok", "-")) => Ok(Vec::new()),
        Some(("ok", digits)) => Ok(hex::decode(digits.as_bytes()).expect("answers are hexadecimal")),
        Some(("error", class)) => Err(class.to_owned()),
        _ => panic!("not an answer: {line}"),
    }
}

fn made_from() -> String {
    SOURCES.map(|(_, text)| text).concat()
}

fn is_current(folder: &Path) -> bool {
    fs::read_to_string(folder.join("made-from")).is_ok_and(|text| text == made_from())
}

/// All jars of a folder, as a class path says it.
fn all(jars: &Path) -> PathBuf {
    jars.join("*")
}

fn run(command: &mut Command) {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().unwrap_or_else(|error| missing(&program, &error));
    assert!(
        output.status.success(),
        "{program} failed:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn missing(program: &str, error: &std::io::Error) -> ! {
    panic!(
        "`{program}` cannot be started ({error}): the oracle needs a JDK (17 or later: `java`, `javac`) and Maven \
         (`mvn`) on the path; without them leave it out with `cargo test --workspace --exclude countersign-oracle`"
    )
}
