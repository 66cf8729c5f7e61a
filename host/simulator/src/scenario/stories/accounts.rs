//! Accounts of an identity centre: opened once, changed, closed, and what an attacker can do with captured events.

use crate::Dialect;
use crate::account::{Flaw, Layout};
use crate::calls::Account;
use crate::scenario::{Behaviour, Call, Step, Story};

const DIALECT: Dialect = Dialect::AccountEvents;

pub(super) fn stories() -> Vec<Story> {
    let story = |name, steps| Story { name, dialect: DIALECT, orders: Vec::new(), steps };
    vec![
        story("accounts", accounts()),
        story("layouts", layouts()),
        story("another cipher", another_cipher()),
        story("attacks", attacks()),
    ]
}

fn told(name: &'static str, account: Account) -> Step {
    Step::new(name, Call::Account(account)).expects(&["200"])
}

fn accounts() -> Vec<Step> {
    let zhang = Account::CreateUser("zhangsan", "张三");
    let zhao = Account::CreateUser("zhaoliu", "赵六");
    vec![
        told("an account is opened", zhang),
        told("the centre tells it again", zhang),
        told("and once more, with another name", Account::CreateUser("zhangsan", "张三丰")),
        told("five times at once, and one account", zhao).at_once(5),
        told("a person has another name", Account::UpdateUser("zhaoliu", "赵柳", false)),
        told("somebody has left: his sessions end", Account::UpdateUser("zhaoliu", "赵柳", true)),
        told("the application is down", Account::UpdateUser("zhaoliu", "赵六", false))
            .told(Behaviour::Failing { times: 1 })
            .expects(&["500"]),
        told("the centre tries again", Account::UpdateUser("zhaoliu", "赵六", false))
            .expects(&["500"])
            .until("200"),
        told("the application refuses", Account::CreateUser("nobody", "无名"))
            .told(Behaviour::RefusedNext { code: "400" })
            .expects(&["400"]),
        told("an account that nobody has", Account::UpdateUser("stranger", "路人", false)).expects(&["404"]),
        told("an organization is new", Account::CreateOrganization("sales", "销售部")),
        told("it has another name", Account::UpdateOrganization("sales", "市场部")),
        told("it is no more", Account::DeleteOrganization("sales")),
        told("an account is closed", Account::DeleteUser("zhangsan")),
        Step::new("and again", Call::Again).expects(&["200"]),
        told("the name comes back: another account", zhang),
        told("an event that nobody knows yet", Account::Unknown("MOVE_USER", "zhangsan")),
    ]
}

/// The documents describe the place of the initialisation vector by a sentence with a slip: five readings are taken, and
/// each answer comes in that of its request.
fn layouts() -> Vec<Step> {
    let wang = Account::CreateUser("wang", "王五");
    let sealed = |name, layout| told(name, wang).flawed(Flaw::SealedAs(layout), Layout::L1);
    vec![
        told("sealed as the documents' Java prints it", wang),
        sealed("one Base64, a vector of 12 bytes", Layout::L2),
        sealed("one Base64, a vector of 16 bytes", Layout::L3),
        sealed("hex inside of the second Base64", Layout::L4),
        sealed("24 letters as the vector", Layout::L5),
    ]
}

fn another_cipher() -> Vec<Step> {
    let li = Account::CreateUser("lisi", "李四");
    let sealed =
        |name, layout| told(name, li).flawed(Flaw::SealedAs(layout), Layout::Ecb).to_another_product();
    vec![
        told("a route whose centre uses ECB", li).to_another_product(),
        told("it tells it again", li).to_another_product(),
        sealed("an event of the other cipher is not even tried", Layout::L1),
        sealed("nor one in plain text", Layout::Plain),
    ]
}

fn attacks() -> Vec<Step> {
    let victim = Account::CreateUser("victim", "受害者");
    let gone = Account::DeleteUser("victim");
    let flawed = |name, flaw| told(name, gone).flawed(flaw, Layout::L1);
    vec![
        told("an account to be attacked", victim),
        flawed("without a token", Flaw::NoToken),
        flawed("under another token", Flaw::WrongToken),
        flawed("without a signature", Flaw::NoSignature),
        flawed("under another signature key", Flaw::WrongSignatureKey),
        told("a change is turned into a deletion", Account::UpdateUser("victim", "受害者", false))
            .flawed(Flaw::EventChanged("DELETE_USER"), Layout::L1),
        flawed("sealed under another key", Flaw::WrongEncryptionKey),
        flawed("a byte of the ciphertext is touched", Flaw::Touched),
        flawed("the layout of another algorithm", Flaw::SealedAs(Layout::Ecb)),
        flawed("not sealed at all", Flaw::SealedAs(Layout::Plain)),
        flawed("the frame is moved by a letter", Flaw::FrameMoved),
        flawed("ten minutes old", Flaw::ClockError(-600_000)),
        flawed("the event stands twice", Flaw::NameTwice),
        flawed("the body has no end", Flaw::CutShort),
        told("the same bytes come again", Account::UpdateUser("victim", "受害者", false)).replayed(&["401"]),
        told("after all this the account is as it was", victim),
    ]
}
