//! One HTTP request and one HTTP answer as values.

/// A signed request, ready to be sent. What was signed is these bytes: send them unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The request target in origin form: path, `?`, query; percent-encoded.
    pub target: String,
    /// Header fields in sending order, `Host` first. `Content-Length` is added when the request is written.
    pub headers: Vec<(String, String)>,
    /// The body; empty for GET.
    pub body: Vec<u8>,
}

impl HttpRequest {
    /// The first value of a header field; the name is compared without regard to case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, |given| given.eq_ignore_ascii_case(name))
    }

    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// The request as HTTP/1.1 bytes: CRLF line ends, `Content-Length` for POST, then the body. `nc` can send it.
    #[must_use]
    pub fn to_http_text(&self) -> Vec<u8> {
        self.written(&[])
    }

    /// As [`to_http_text`](Self::to_http_text), with further header fields of the connection.
    pub(crate) fn written(&self, more: &[(&str, &str)]) -> Vec<u8> {
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        for (name, value) in more {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.method == "POST" || !self.body.is_empty() {
            text.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// One answer as it came off the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Header fields in the order and in the exact case in which they arrived.
    pub headers: Vec<(String, String)>,
    /// The body after transfer decoding.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// The first value of a header field; the name is compared without regard to case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, |given| given.eq_ignore_ascii_case(name))
    }

    /// The first value of a header field whose name is written exactly so.
    #[must_use]
    pub fn header_exactly(&self, name: &str) -> Option<&str> {
        find(&self.headers, |given| given == name)
    }
}

fn find(headers: &[(String, String)], is: impl Fn(&str) -> bool) -> Option<&str> {
    headers.iter().find(|(name, _)| is(name)).map(|(_, value)| value.as_str())
}
