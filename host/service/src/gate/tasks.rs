//! What runs beside the calls, counted, so that the process can end without cutting it off.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Tasks of one gate.
#[derive(Debug, Clone)]
pub(super) struct Tasks {
    running: Arc<watch::Sender<usize>>,
    closing: Arc<watch::Sender<bool>>,
}

impl Tasks {
    pub(super) fn new() -> Self {
        Self { running: Arc::new(watch::Sender::new(0)), closing: Arc::new(watch::Sender::new(false)) }
    }

    /// Runs a future to its end, whoever waits for it.
    pub(super) fn spawn<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        let counted = Counted::one(Arc::clone(&self.running));
        tokio::spawn(async move {
            let _counted = counted;
            future.await
        })
    }

    /// Nothing owed is taken up from now on.
    pub(super) fn close(&self) {
        self.closing.send_replace(true);
    }

    pub(super) fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Until [`Tasks::close`].
    pub(super) async fn closed(&self) {
        let mut closing = self.closing.subscribe();
        let _ = closing.wait_for(|closing| *closing).await;
    }

    /// Until nothing runs.
    pub(super) async fn idle(&self) {
        let mut running = self.running.subscribe();
        let _ = running.wait_for(|running| *running == 0).await;
    }
}

/// One running task; counted from before it starts to after it ended, by whatever way.
struct Counted(Arc<watch::Sender<usize>>);

impl Counted {
    fn one(running: Arc<watch::Sender<usize>>) -> Self {
        running.send_modify(|running| *running = running.saturating_add(1));
        Self(running)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|running| *running = running.saturating_sub(1));
    }
}
