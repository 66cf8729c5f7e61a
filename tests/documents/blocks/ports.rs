//! Documents print ports, and what they print is run. Two runs on one machine take turns.

use std::fs::File;
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// The gateway's two and the application's, as the documents have them.
pub(crate) const GATEWAY: &str = "127.0.0.1:8080";
const API: &str = "127.0.0.1:8081";
pub(crate) const APPLICATION: &str = "127.0.0.1:9000";

/// Falls with the file.
pub(crate) fn reserve() -> File {
    let lock = File::create(std::env::temp_dir().join("countersign-documents.lock")).unwrap();
    lock.lock().unwrap();
    let begun = Instant::now();
    for address in [GATEWAY, API, APPLICATION] {
        while TcpListener::bind(address).is_err() {
            assert!(
                begun.elapsed() < Duration::from_secs(120),
                "the documents use {address}, and so does another program"
            );
            std::thread::sleep(Duration::from_millis(200));
        }
    }
    lock
}

/// Whether somebody listens there, now or soon.
pub(crate) fn is_open(address: &str) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        if std::net::TcpStream::connect(address).is_ok() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}
