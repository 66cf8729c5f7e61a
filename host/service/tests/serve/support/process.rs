//! A gateway in a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use countersign_simulator::transport::{Plain, Transport};
use countersign_simulator::{HttpRequest, HttpResponse};

use super::Platform;

pub(crate) fn countersign() -> Command {
    Command::new(env!("CARGO_BIN_EXE_countersign"))
}

pub(crate) struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// Read all the while: a process that writes to a full pipe stands still.
    stderr: Option<JoinHandle<()>>,
    log: Arc<Mutex<String>>,
    pub(crate) public: SocketAddr,
    api: Option<SocketAddr>,
}

/// Where an operator asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Api(SocketAddr);

impl Api {
    /// Without a token.
    pub(crate) fn get(&self, path: &str) -> HttpResponse {
        let address = self.0.to_string();
        let headers = vec![("Host".to_owned(), address.clone())];
        let request = HttpRequest { method: "GET", target: path.to_owned(), headers, body: Vec::new() };
        Plain::to(address).send(&request).unwrap()
    }
}

impl Process {
    /// Starts `serve` and waits until the public listener is ready.
    pub(crate) fn serve(config: &Path, environment: &[(&str, &str)]) -> Self {
        let mut serve = countersign();
        serve.arg("serve").arg("--config").arg(config).envs(environment.iter().copied());
        Self::run(serve)
    }

    /// Runs a command that becomes `serve`.
    pub(crate) fn run(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let Some(address) = line.trim_end().strip_prefix("listening public ") else {
            let mut text = String::new();
            child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
            panic!("{line:?} {text}");
        };
        let public = address.parse().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let stderr = Some(follow(child.stderr.take().unwrap(), Arc::clone(&log)));
        Self { child, stdout, stderr, log, public, api: None }
    }

    /// The api listener, of a configuration that has one.
    pub(crate) fn api(&mut self) -> Api {
        let address = match self.api {
            Some(address) => address,
            None => self.line().strip_prefix("listening api ").unwrap().parse().unwrap(),
        };
        self.api = Some(address);
        Api(address)
    }

    pub(crate) fn platform(&self) -> Platform {
        Platform::new(self.public)
    }

    /// The next line of standard output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// What was written to standard error so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until something was written to standard error.
    pub(crate) fn logs(&self, what: &str) -> String {
        let begun = Instant::now();
        loop {
            let log = self.log();
            if log.contains(what) {
                return log;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{what} in\n{log}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the end and returns what was written to standard error.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.stderr.take().unwrap().join().unwrap();
                return (status, self.log());
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "the process does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn follow(stderr: ChildStderr, log: Arc<Mutex<String>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let mut log = log.lock().unwrap();
            log.push_str(&line);
            log.push('\n');
        }
    })
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
