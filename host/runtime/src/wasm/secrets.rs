//! What remains of secrets in the memory of an instance: the whole of it is read, data, stack and heap.

use countersign_core::abi::{self, Encode, operation, requests};
use countersign_core::frame::FrameWriter;
use countersign_core::ledger::{Assignment, Change, Decision, Outcome, Row, Settlement, Stored, Write};
use countersign_core::{Admitted, Body, Request, Verdict};
use countersign_secrets::{Mark, found};
use countersign_simulator::calls::{Buyer, Charging, Order, saas_v1};
use countersign_simulator::crypto::contact::Strength;
use countersign_simulator::crypto::sha1prng;
use countersign_simulator::{AccessKey, Dialect, Entropy, SignInput, sign};

use super::instance::WasmInstance;
use super::*;
use crate::frame;
use crate::pooled::Instance as _;

const NOW: u64 = 1_700_000_000_000;

/// Every secret of one purchase.
struct Secrets {
    keys: [String; 2],
    buyer: Buyer,
    user_name: String,
    password: String,
}

impl Secrets {
    fn draw() -> Self {
        let mut entropy = Entropy::from_seed(4_711);
        // One key longer than a block of the hash: it is hashed before it becomes a MAC key.
        let long = format!("{}{}{}", entropy.uuid(), entropy.uuid(), entropy.uuid());
        Self {
            keys: [entropy.account_id(), long],
            buyer: Buyer::draw(&mut entropy),
            user_name: format!("user-{}", entropy.uuid()),
            password: format!("pass-{}", entropy.uuid()),
        }
    }

    /// The keys, and what the core makes of them.
    fn of_the_keys(&self) -> Vec<Mark> {
        let mut marks = Vec::new();
        for (number, key) in self.keys.iter().enumerate() {
            marks.push(Mark::new(format!("access key {number}"), key));
            for (pad, byte) in [("inner", 0x36), ("outer", 0x5c)] {
                let padded: Vec<u8> = key.bytes().take(32).map(|character| character ^ byte).collect();
                marks.push(Mark::new(format!("{pad} pad of access key {number}"), padded));
            }
            let derived = sha1prng::first::<32>(key.as_bytes());
            marks.push(Mark::new(format!("AES key of access key {number}"), derived));
        }
        marks
    }

    /// What a call brings.
    fn of_the_call(&self) -> Vec<Mark> {
        [
            ("mobile phone", &self.buyer.mobile_phone),
            ("mail address", &self.buyer.email),
            ("user name", &self.user_name),
            ("password", &self.password),
        ]
        .map(|(name, secret)| Mark::new(name, secret))
        .into()
    }

    fn configuration(&self) -> Vec<u8> {
        let [first, second] = &self.keys;
        let keys = format!(r#"["{first}","{second}"]"#);
        format!(r#"{{"routes":[{{"path":"/saas","dialect":"saas-v1","product":"crm","keys":{keys}}}]}}"#)
            .into_bytes()
    }
}

/// An instance of the real module, whose memory can be read.
struct Opened(WasmInstance);

impl Opened {
    fn open(secrets: &Secrets) -> Self {
        let settings = WasmSettings { deadline: Duration::from_secs(60), ..WasmSettings::default() };
        let module = Module::load(settings, Memory::Small, &EMBEDDED).expect("the module");
        let mut opened = Self(module.instantiate().expect("an instance"));
        let handle: u32 = opened.call(operation::OPEN, abi::request(0).bytes(&secrets.configuration()));
        assert_eq!(handle, 1);
        opened
    }

    fn call<T: abi::Decode>(&mut self, operation: u32, frame: &mut FrameWriter) -> T {
        let frame = frame.finish();
        let seller = u32::from(operation != operation::OPEN);
        abi::answer(&self.0.call(operation, &frame, seller).expect("an answer")).expect("a success")
    }

    /// A purchase with contact data, opened by the backend with credentials.
    fn purchase(&mut self, secrets: &Secrets) {
        let admitted = self.admit(secrets);
        let rows: Vec<Row> = admitted.keys.iter().map(|key| Row { key: key.clone(), value: None }).collect();
        let mut frame = abi::request(1);
        frame.bytes(&admitted.admission).u64(NOW).raw(&[1; 32]);
        rows.encode(&mut frame);
        match self.call(operation::DECIDE, &mut frame) {
            Decision::Perform(assignment) => self.settle(secrets, &admitted, &assignment),
            other => panic!("{other:?}"),
        }
    }

    fn admit(&mut self, secrets: &Secrets) -> Admitted {
        let mut entropy = Entropy::from_seed(1);
        // The second key of the ring: both are at work.
        let key = AccessKey::new(secrets.keys[1].clone());
        let order = Order::draw(&mut entropy, Charging::Year, NOW);
        let contact = secrets.buyer.contact(&key, Strength::Aes256, &mut entropy).expect("contact data");
        let fields = saas_v1::new_instance(&secrets.buyer, Some(&contact), &order, "business-1");
        let signed = sign(&SignInput {
            dialect: Dialect::SaasV1,
            key: &key,
            host: "seller.example",
            path: "/saas",
            fields: &fields,
            now_ms: NOW,
            nonce: "",
        })
        .expect("a signed call");
        let request = Request::new(signed.method, signed.target.as_bytes(), &[], Body::Bytes(&signed.body));
        let frame = requests::admit(1, &request, &[7; 16], NOW);
        let answer = self.0.call(operation::ADMIT, &frame, 1).expect("an answer");
        match abi::answer(&answer).expect("a success") {
            Verdict::Admitted(admitted) => admitted,
            Verdict::Refused(refusal) => panic!("{refusal:?}"),
        }
    }

    fn settle(&mut self, secrets: &Secrets, admitted: &Admitted, assignment: &Assignment) {
        let Secrets { user_name, password, .. } = secrets;
        let access = format!(
            r#"{{"front_end_url":"https://crm.example","user_name":"{user_name}","password":"{password}"}}"#
        );
        let rows: Vec<Row> = assignment.commit.iter().filter_map(stored).collect();
        let mut frame = abi::request(1);
        frame.bytes(&assignment.work).bytes(&admitted.admission).u64(NOW).raw(&[2; 32]);
        Outcome::Done(access.into_bytes()).encode(&mut frame);
        rows.encode(&mut frame);
        match self.call(operation::SETTLE, &mut frame) {
            Settlement::Settled(settled) => assert!(settled.answer.is_some()),
            other @ Settlement::Need { .. } => panic!("{other:?}"),
        }
    }

    fn found(&self, marks: &[Mark]) -> Vec<String> {
        found(marks, "memory", self.0.memory())
    }
}

fn stored(write: &Write) -> Option<Row> {
    match &write.change {
        Change::Put { bytes, .. } => {
            let value = Some(Stored { bytes: bytes.clone(), version: 1 });
            Some(Row { key: write.key.clone(), value })
        }
        Change::Check | Change::Delete => None,
    }
}

#[test]
fn a_wiped_instance_holds_no_secret_anywhere() {
    let secrets = Secrets::draw();
    let mut opened = Opened::open(&secrets);
    opened.purchase(&secrets);
    // What is looked for is there as long as it is needed: the search would find it.
    let before = opened.found(&secrets.of_the_keys());
    for expected in ["access key 0 as raw", "access key 1 as raw"] {
        assert!(before.iter().any(|line| line.ends_with(expected)), "{expected}: {before:#?}");
    }
    let before = opened.found(&secrets.of_the_call());
    assert!(before.iter().any(|line| line.ends_with("password as raw")), "{before:#?}");
    opened.0.wipe().expect("a wipe");
    assert_eq!(opened.found(&secrets.of_the_keys()), Vec::<String>::new());
    assert_eq!(opened.found(&secrets.of_the_call()), Vec::<String>::new());
}

#[test]
fn what_a_call_brought_is_gone_from_the_heap_after_the_next() {
    let secrets = Secrets::draw();
    let mut opened = Opened::open(&secrets);
    opened.purchase(&secrets);
    // Longer than everything before: the request buffer is a new one.
    let refused = opened.0.call(u32::MAX, &vec![0; 16 << 10], 0).expect("an answer");
    assert_ne!(frame::status(&refused), Some(0));
    assert_eq!(opened.found(&secrets.of_the_call()), Vec::<String>::new());
}

#[test]
fn the_stack_is_wiped_to_its_end() {
    let secrets = Secrets::draw();
    let mut opened = Opened::open(&secrets);
    let mark = Mark::new("planted", "planted-on-the-stack-0123456789");
    // From where only a call that nearly used up the stack could have written, upwards.
    for at in [2 << 10, 64 << 10, 512 << 10] {
        opened.0.plant(at, b"planted-on-the-stack-0123456789");
    }
    assert_eq!(opened.found(std::slice::from_ref(&mark)), ["memory: planted as raw"]);
    opened.0.wipe().expect("a wipe");
    assert_eq!(opened.found(&[mark]), Vec::<String>::new());
}
