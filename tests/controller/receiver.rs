//! A receiver of notifications: a small HTTP server that records what it gets.

use std::collections::VecDeque;
use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

/// What came in.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Got {
    pub(crate) fn json(&self) -> Result<Value, Box<dyn Error>> {
        Ok(serde_json::from_str(&self.body)?)
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// A server on a loopback port that gives the answers of a list, and else 200. It ends with the test.
pub(crate) struct Receiver {
    pub(crate) address: String,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    /// `answers` are the first answers, such as `503 Service Unavailable`.
    pub(crate) fn start(answers: &[&str]) -> Result<Self, Box<dyn Error>> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let got = Arc::<Mutex<Vec<Got>>>::default();
        let (shared, mut answers) =
            (Arc::clone(&got), answers.iter().map(|a| (*a).to_owned()).collect::<VecDeque<_>>());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answer = answers.pop_front().unwrap_or_else(|| "200 OK".to_owned());
                let mut reader = BufReader::new(stream);
                if let Some(one) = take(&mut reader) {
                    // Kept before it is answered: whoever has the answer may look at once.
                    held(&shared).push(one);
                    answered(reader.into_inner(), &answer);
                }
            }
        });
        Ok(Self { address, got })
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        held(&self.got).clone()
    }
}

fn held(got: &Mutex<Vec<Got>>) -> MutexGuard<'_, Vec<Got>> {
    got.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take(reader: &mut BufReader<TcpStream>) -> Option<Got> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Got { head, body: String::from_utf8(body).ok()? })
}

fn answered(mut stream: TcpStream, answer: &str) {
    let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    // A sender that has gone away is what some tests are about.
    let _ = stream.write_all(answer.as_bytes());
}
