//! Spaces requests out for an endpoint that limits them per tenant and sends no `Retry-After`.

use std::future::Future;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// Sends requests one after another, each some time after the response to the one before. So they reach the service at
/// least that far apart, whatever the latency.
#[derive(Default)]
pub(crate) struct RateLimiter {
    turn: Mutex<Option<Interval>>,
}

impl RateLimiter {
    /// Runs `work` when it is its turn. With a pause of zero there is no limit.
    pub(crate) async fn run<T>(&self, pause: Duration, work: impl Future<Output = T>) -> T {
        if pause.is_zero() {
            return work.await;
        }
        let mut turn = self.turn.lock().await;
        let turn = turn.get_or_insert_with(|| {
            let mut turn = interval(pause);
            turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
            turn
        });
        turn.tick().await;
        let done = work.await;
        turn.reset();
        done
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex as Log;

    use futures::future::join_all;
    use tokio::time::sleep;

    use crate::client::rate_limit::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// The clock is paused and advances only by sleeping, so the test takes no time.
    #[tokio::test(start_paused = true)]
    async fn requests_are_a_pause_apart_from_answer_to_request() {
        let (pace, began) = (RateLimiter::default(), interval(SECOND).tick().await);
        let log = Log::new(Vec::new());
        let request = |millis: u64| {
            let log = &log;
            pace.run(SECOND, async move {
                let from = began.elapsed();
                sleep(Duration::from_millis(millis)).await;
                if let Ok(mut log) = log.lock() {
                    log.push((from, began.elapsed()));
                }
            })
        };
        join_all([30, 0, 2_500, 10, 0].map(request)).await;
        // After a long rest nobody waits, and nothing has been saved up.
        sleep(SECOND * 60).await;
        let rested = began.elapsed();
        join_all([0, 0, 0].map(request)).await;
        let log = log.into_inner().unwrap_or_default();
        assert_eq!(log.len(), 8);
        assert_eq!(log.first().map(|(from, _)| *from), Some(Duration::ZERO), "the first one does not wait");
        assert!(log.get(5).is_some_and(|(from, _)| *from == rested), "{log:?}");
        let apart: Vec<_> = log.windows(2).map(|pair| pair[1].0.saturating_sub(pair[0].1)).collect();
        assert!(apart.iter().all(|gap| *gap >= SECOND), "{apart:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_pause_nobody_waits() {
        let (pace, began) = (RateLimiter::default(), interval(SECOND).tick().await);
        join_all([(); 3].map(|()| pace.run(Duration::ZERO, sleep(SECOND)))).await;
        assert_eq!(began.elapsed(), SECOND);
    }
}
