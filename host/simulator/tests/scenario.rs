//! A right seller lives through every story; each vice is found.

mod seller;

use countersign_simulator::scenario::{
    Call, Finding, Kind, Route, Runner, Step, StepReport, Story, Summary, stories,
};
use countersign_simulator::transport::{Transport, TransportError};
use countersign_simulator::{AccessKey, Dialect, HttpRequest, HttpResponse};
use seller::{Seller, Vice};
use std::sync::Mutex;

const NOW_MS: u64 = 1_700_000_000_000;

fn told(dialect: Dialect, vice: Option<Vice>, stories: &[Story], seed: u64) -> (Summary, Vec<StepReport>) {
    let seller = Seller::new(dialect, NOW_MS, vice);
    let main = Route::new("isv.example.com", "/saas", AccessKey::new("key-of-main"));
    let other = Route::new("isv.example.com", "/other", AccessKey::new("key-of-other"));
    let runner = Runner {
        transport: &seller,
        backend: Some(&seller),
        main: &main,
        other: Some(&other),
        now_ms: &|| NOW_MS,
        pause: &|_| {},
        seed,
    };
    let mut summary = Summary::default();
    let mut reports = Vec::new();
    for story in stories {
        summary += runner.run(story, &mut |report| reports.push(report));
    }
    (summary, reports)
}

#[test]
fn a_right_seller_lives_through_every_story() {
    for dialect in Dialect::SAAS {
        for seed in 0..5 {
            let (summary, reports) = told(dialect, None, &stories(dialect), seed);
            for report in &reports {
                assert!(report.passed(), "{report:#?}");
                assert!(!report.sent.contains('?'));
            }
            assert!(summary.passed > 45 && summary.failed == 0 && summary.skipped == 0, "{summary:?}");
        }
    }
}

#[test]
fn every_vice_is_found() {
    use Dialect::{SaasV1, SaasV2};
    for (dialect, vice, step, finding) in [
        (
            SaasV1,
            Vice::NewIdOnRepeat,
            "the first purchase comes again, with another businessId",
            "instance-changed",
        ),
        (SaasV2, Vice::NewIdOnRepeat, "one purchase arrives three times at once", "instance-changed"),
        (SaasV2, Vice::OneIdForAll, "one purchase arrives three times at once", "instance-shared"),
        (SaasV1, Vice::TrustsEverybody, "a release under a wrong key", "result-code"),
        (SaasV2, Vice::TrustsEverybody, "a release without a signature", "result-code"),
        (SaasV2, Vice::TrustsEverybody, "a release changed after signing", "result-code"),
        (SaasV1, Vice::NoBodySign, "a purchase opens an instance", "body-sign-missing"),
        (SaasV2, Vice::FoldedHeader, "a purchase opens an instance", "body-sign-name"),
        (SaasV1, Vice::PlainCredentials, "a purchase opens an instance", "credential-unreadable"),
        (SaasV2, Vice::ForgetsReplays, "the same bytes again are a replay", "result-code"),
        (SaasV2, Vice::OneSidedClock, "a request from ten minutes ahead", "result-code"),
        (SaasV2, Vice::OneSidedClock, "a digit moved from the nonce to the timestamp", "result-code"),
        (SaasV2, Vice::TakesDuplicates, "a member twice", "result-code"),
        (SaasV1, Vice::TakesSmuggled, "a debugging call turned into a purchase", "result-code"),
        (SaasV2, Vice::ServesOtherProducts, "a release of another product's instance", "result-code"),
        (SaasV1, Vice::ForgetsTests, "the test query after the release", "no-success-while-debugging"),
        (SaasV2, Vice::ForgetsTests, "the test renewal after the release", "result-code"),
        (SaasV1, Vice::AnswersFailureAsSuccess, "the backend fails during a renewal", "result-code"),
        (SaasV2, Vice::RefusesOddSpelling, "a body with blanks and line ends", "result-code"),
        (SaasV1, Vice::SilentOnRelease, "the release comes again", "result-code"),
        (SaasV2, Vice::NeverDone, "the platform repeats the purchase until it is done", "never-settled"),
    ] {
        let (_, reports) = told(dialect, Some(vice), &stories(dialect), 1);
        let found = reports
            .iter()
            .any(|report| report.name == step && report.findings.iter().any(|found| found.code() == finding));
        assert!(
            found,
            "{dialect:?} {vice:?}: {:#?}",
            reports.iter().filter(|r| !r.passed()).collect::<Vec<_>>()
        );
    }
}

/// Writes down what is sent, answers nothing.
#[derive(Default)]
struct Notebook(Mutex<Vec<HttpRequest>>);

impl Transport for Notebook {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, TransportError> {
        self.0.lock().unwrap().push(request.clone());
        Err(TransportError::Refused)
    }
}

fn sent(seed: u64) -> Vec<HttpRequest> {
    let notebook = Notebook::default();
    let main = Route::new("isv.example.com", "/saas", AccessKey::new("key-of-main"));
    for dialect in Dialect::SAAS {
        let runner = Runner {
            transport: &notebook,
            backend: None,
            main: &main,
            other: None,
            now_ms: &|| NOW_MS,
            pause: &|_| {},
            seed,
        };
        for story in stories(dialect) {
            let summary = runner.run(&story, &mut |report| {
                if report.skipped.is_none() {
                    let code = report.findings.first().map(Finding::code);
                    assert!(matches!(code, Some("transport-refused" | "no-instance")), "{report:#?}");
                }
            });
            assert_eq!(summary.passed, 0);
            assert_eq!(summary.skipped == story.steps.len(), story.needs_backend());
        }
    }
    let mut requests = notebook.0.into_inner().unwrap();
    requests.sort_by(|a, b| (&a.target, &a.body).cmp(&(&b.target, &b.body)));
    requests
}

#[test]
fn the_same_seed_and_clock_send_the_same_bytes() {
    assert_eq!(sent(1), sent(1));
    assert_ne!(sent(1), sent(2));
}

#[test]
fn a_step_that_its_dialect_does_not_have_is_a_finding() {
    let kind = Kind::Bought(countersign_simulator::calls::Charging::Year);
    for (dialect, call) in
        [(Dialect::SaasV1, Call::CheckChange("main")), (Dialect::SaasV2, Call::Expire("main"))]
    {
        let steps = vec![Step::new("buy", Call::Purchase("main")), Step::new("ask", call)];
        let story = Story { name: "odd", dialect, orders: vec![("main", kind)], steps };
        let (summary, reports) = told(dialect, None, &[story], 1);
        assert_eq!((summary.passed, summary.failed), (1, 1));
        assert_eq!(reports[1].findings[0].code(), "unsendable");
    }
}

#[test]
fn an_answer_after_the_time_limit_is_a_finding() {
    let seller = Seller::new(Dialect::SaasV2, NOW_MS, None);
    let main = Route::new("isv.example.com", "/saas", AccessKey::new("key-of-main"));
    let clock = Mutex::new(NOW_MS);
    let ticking = || {
        let mut now = clock.lock().unwrap();
        *now += 6_000;
        *now
    };
    let runner = Runner {
        transport: &seller,
        backend: None,
        main: &main,
        other: None,
        now_ms: &ticking,
        pause: &|_| {},
        seed: 1,
    };
    let story = &stories(Dialect::SaasV2)[0];
    let mut slow = 0;
    runner
        .run(story, &mut |report| slow += report.findings.iter().filter(|f| f.code() == "too-slow").count());
    assert!(slow > 0);
}

/// Forwards to a seller, but keeps every poll waiting for a few more rounds.
struct Hesitant<'a>(&'a Seller, Mutex<u32>, Mutex<Vec<Vec<u8>>>);

impl Transport for Hesitant<'_> {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, TransportError> {
        self.2.lock().unwrap().push(request.body.clone());
        let mut left = self.1.lock().unwrap();
        let mut response = self.0.send(request)?;
        let polled = request.body.windows(13).any(|part| part == b"queryInstance");
        if polled && *left > 0 {
            *left -= 1;
            response = seller::unfinished("key-of-main");
        }
        Ok(response)
    }
}

#[test]
fn what_a_step_sends_does_not_depend_on_how_often_another_was_repeated() {
    let bodies = |rounds| {
        let seller = Seller::new(Dialect::SaasV2, NOW_MS, None);
        let transport = Hesitant(&seller, Mutex::new(rounds), Mutex::default());
        let main = Route::new("isv.example.com", "/saas", AccessKey::new("key-of-main"));
        let runner = Runner {
            transport: &transport,
            backend: None,
            main: &main,
            other: None,
            now_ms: &|| NOW_MS,
            pause: &|_| {},
            seed: 1,
        };
        let order = |name| (name, Kind::Bought(countersign_simulator::calls::Charging::Year));
        let poll = Call::Query(vec![countersign_simulator::scenario::Of::Order("one")]);
        let steps = vec![
            Step::new("buy", Call::Purchase("one")),
            Step::new("poll", poll).expects(&["000004"]).until("000000"),
            Step::new("buy another", Call::Purchase("two")),
        ];
        let orders = vec![order("one"), order("two")];
        let story = Story { name: "polls", dialect: Dialect::SaasV2, orders, steps };
        assert_eq!(runner.run(&story, &mut |_| {}).failed, 0);
        transport.2.into_inner().unwrap()
    };
    let (few, many) = (bodies(1), bodies(4));
    assert_eq!((few.len(), many.len()), (4, 7));
    assert_eq!(few.last(), many.last());
}
