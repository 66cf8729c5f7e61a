//! The seller's application: plain HTTP, one thread for each connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// One request of the gateway.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Delivery {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    pub(crate) fn event(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn id(&self) -> String {
        self.header("webhook-id").to_owned()
    }
}

/// What the backend answers, and when.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) after: Duration,
}

impl Reply {
    pub(crate) fn status(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), after: Duration::ZERO }
    }

    /// What a subscription needs.
    pub(crate) fn done() -> Self {
        Self::status(200, access().to_string())
    }

    pub(crate) fn after(self, milliseconds: u64) -> Self {
        Self { after: Duration::from_millis(milliseconds), ..self }
    }
}

pub(crate) fn access() -> Value {
    json!({
        "front_end_url": "https://crm.example/a",
        "admin_url": "https://crm.example/admin",
        "user_name": "buyer",
        "password": "first-Passw0rd",
        "memo": "",
    })
}

type Answer = dyn Fn(&Delivery) -> Reply + Send + Sync;

pub(crate) struct Backend {
    pub(crate) address: SocketAddr,
    answer: Arc<Mutex<Arc<Answer>>>,
    deliveries: Arc<Mutex<Vec<Delivery>>>,
}

/// A stream of either kind.
pub(crate) trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

impl Backend {
    pub(crate) fn start(answer: impl Fn(&Delivery) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_on(|stream| Box::new(stream), answer)
    }

    pub(crate) fn start_on(
        wrap: impl Fn(std::net::TcpStream) -> Box<dyn Stream> + Send + 'static,
        answer: impl Fn(&Delivery) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let answer: Arc<Mutex<Arc<Answer>>> = Arc::new(Mutex::new(Arc::new(answer)));
        let deliveries = Arc::new(Mutex::new(Vec::new()));
        let backend = Self {
            address: listener.local_addr().unwrap(),
            answer: Arc::clone(&answer),
            deliveries: Arc::clone(&deliveries),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (answer, deliveries) = (Arc::clone(&answer), Arc::clone(&deliveries));
                let stream = wrap(stream);
                std::thread::spawn(move || converse(stream, &answer, &deliveries));
            }
        });
        backend
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/events", self.address)
    }

    /// From now on it answers so.
    pub(crate) fn answers(&self, answer: impl Fn(&Delivery) -> Reply + Send + Sync + 'static) {
        *self.answer.lock().unwrap() = Arc::new(answer);
    }

    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries.lock().unwrap().clone()
    }

    /// Waits until so many requests have arrived.
    pub(crate) fn wait_for(&self, count: usize) -> Vec<Delivery> {
        let begun = Instant::now();
        loop {
            let deliveries = self.deliveries();
            if deliveries.len() >= count {
                return deliveries;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{} of {count} arrived", deliveries.len());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn converse(stream: Box<dyn Stream>, answer: &Mutex<Arc<Answer>>, deliveries: &Mutex<Vec<Delivery>>) {
    let mut stream = BufReader::new(stream);
    while let Some(delivery) = read(&mut stream) {
        let answer = Arc::clone(&answer.lock().unwrap());
        deliveries.lock().unwrap().push(delivery.clone());
        let reply = answer(&delivery);
        std::thread::sleep(reply.after);
        if reply.status == 0 {
            return; // hangs up
        }
        let mut head = format!("HTTP/1.1 {} X\r\nContent-Length: {}\r\n", reply.status, reply.body.len());
        for (name, value) in &reply.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let out = stream.get_mut();
        let body = if reply.status == 204 { &[] } else { reply.body.as_slice() };
        if out
            .write_all(head.as_bytes())
            .and_then(|()| out.write_all(body))
            .and_then(|()| out.flush())
            .is_err()
        {
            return;
        }
    }
}

fn read(stream: &mut BufReader<Box<dyn Stream>>) -> Option<Delivery> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let target = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
            None => break,
        }
    }
    let mut delivery = Delivery { target, headers, body: Vec::new() };
    delivery.body = vec![0; delivery.header("content-length").parse().unwrap_or(0)];
    stream.read_exact(&mut delivery.body).ok()?;
    Some(delivery)
}
