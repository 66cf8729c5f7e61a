//! Web addresses that are passed on to people: a buyer clicks on them.
//!
//! # Examples
//!
//! ```
//! use countersign_core::wire::address::is_web_address;
//!
//! assert!(is_web_address("https://crm.example.com/start?from=market"));
//! assert!(!is_web_address("javascript:alert(1)"));
//! assert!(!is_web_address("https://"));
//! ```

use super::visible::is_invisible;

/// Whether a text is an absolute `http` or `https` address with a host (RFC 3986 §3, RFC 9110 §4.2), and holds nothing
/// behind which two readers could see two addresses: no blank or control character of any alphabet, no quote, angle
/// bracket or backslash anywhere, and nothing before an `@` in the authority, since people take that for the host (RFC
/// 9110 §4.2.4 calls it an error).
///
/// The scheme may be in any case. A host is an IPv6 address in brackets, or labels joined by dots, each of letters,
/// digits, `-` and `_`; a port has one to five digits, up to 65535. Characters beyond ASCII may stand wherever letters
/// may, as browsers take them.
#[must_use]
pub fn is_web_address(text: &str) -> bool {
    let Some(rest) = behind_scheme(text) else { return false };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    rest.split_at_checked(end)
        .is_some_and(|(authority, behind)| is_authority(authority) && behind.chars().all(may_stand))
}

fn behind_scheme(text: &str) -> Option<&str> {
    ["http://", "https://"].into_iter().find_map(|scheme| {
        let (start, rest) = text.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    })
}

fn is_authority(text: &str) -> bool {
    let host_and_port = match text.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once(']').filter(|(address, _)| is_ipv6(address)),
        None => text.split_at_checked(text.find(':').unwrap_or(text.len())).filter(|(host, _)| is_host(host)),
    };
    host_and_port.is_some_and(|(_, port)| match port.strip_prefix(':') {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok(),
        None => port.is_empty(),
    })
}

fn is_host(text: &str) -> bool {
    let may_name = |letter: char| {
        letter.is_ascii_alphanumeric()
            || matches!(letter, '-' | '_')
            || !letter.is_ascii() && may_stand(letter)
    };
    let labels = text.strip_suffix('.').unwrap_or(text);
    labels.split('.').all(|label| !label.is_empty() && label.chars().all(may_name))
}

fn is_ipv6(text: &str) -> bool {
    text.contains(':') && text.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'))
}

fn may_stand(letter: char) -> bool {
    !letter.is_whitespace() && !is_invisible(letter) && !matches!(letter, '"' | '<' | '>' | '\\')
}

#[cfg(test)]
mod tests {
    use super::is_web_address;

    #[test]
    fn addresses_that_a_browser_opens() {
        for text in [
            "https://app.example.com",
            "http://app.example.com/",
            "HTTPS://App.Example.com:8443/a/b?c=d&e=http://x#/f",
            "https://localhost",
            "https://a_b-c.example.com.",
            "http://192.0.2.1:80/x",
            "http://[2001:db8::1]:8080/x",
            "https://应用.example.com/中文?名=值",
            "https://app.example.com/?q={a|b}^`'()[]@:;,!$*+~%20%",
            "https://app.example.com?x",
            "https://app.example.com#x",
        ] {
            assert!(is_web_address(text), "{text}");
        }
    }

    #[test]
    fn everything_else_is_none() {
        for text in [
            "",
            "app.example.com",
            "//app.example.com",
            "/path",
            "http:app.example.com",
            "http:/app.example.com",
            "http://",
            "https:///path",
            "https://?x",
            "https://:443/",
            "https://.",
            "https://a..b/",
            "https://app.example.com:",
            "https://app.example.com:65536",
            "https://app.example.com:8o",
            "https://app.example.com:+8",
            "https://user@app.example.com/",
            "https://user:password@app.example.com/",
            "https://[::1/",
            "https://[app]/",
            "https://a]b/",
            "https://a%2eb/",
            "ftp://app.example.com/",
            "javascript:alert(1)",
            "javascript://app.example.com/%0aalert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "mailto:a@example.com",
            "http s://app.example.com",
            " https://app.example.com",
            "https://app.example.com ",
            "https://app.example.com/a b",
            "https://app.example.com/\n",
            "https://app.example.com/\u{0}",
            "https://app.example.com/\u{a0}",
            "https://app.example.com/\u{3000}",
            "https://app.example.com/\u{200b}",
            "https://app.example.com/\u{202e}",
            "\u{feff}https://app.example.com/",
            "https://app\u{ad}.example.com/",
            "https://app.example.com\\@evil.example.com/",
            "https:\\\\app.example.com",
            "https://app.example.com/<script>",
            "https://app.example.com/\"onclick=",
        ] {
            assert!(!is_web_address(text), "{text:?}");
        }
    }
}
