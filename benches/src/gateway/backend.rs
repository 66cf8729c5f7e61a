//! The seller's application, the same for all: it opens whatever it is asked to, at once.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::Result;
use super::connection::Connection;

const BODY: &str = r#"{"front_end_url":"https://app.example.com/","user_name":"admin","password":"s3cret"}"#;

/// Listens until the runtime ends.
pub(super) async fn listen() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(connection) = Connection::new(stream) {
                tokio::spawn(serve(connection));
            }
        }
    });
    Ok(address)
}

async fn serve(mut connection: Connection) {
    let length = BODY.len();
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{BODY}"
    );
    while let Ok(Some(_)) = connection.read().await {
        if connection.write(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
