//! A seller opened in an engine, with the core's own types: each method writes a frame, makes one call, reads a frame. The
//! methods come of the core's table of operations.

use std::fmt;
use std::sync::Arc;

use countersign_core::abi::{self, CallError, operation, requests};

use crate::engine::{Engine, SellerHandle};
use crate::error::{EngineError, OpenError};

/// A seller in an engine; closed when dropped.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use countersign_core::{Body, Request, Verdict};
/// use countersign_runtime::{NativeEngine, OpenSeller};
///
/// let configuration = br#"{"routes":[{"path":"/v2","dialect":"saas-v2","keys":["test-access-key-0001"]}]}"#;
/// let seller = OpenSeller::open(Arc::new(NativeEngine::new()), configuration)?;
///
/// let stranger = Request::new("POST", b"/v2", &[], Body::Bytes(b"{}"));
/// let Verdict::Refused(refusal) = seller.admit(&stranger, &[1; 16], 1_700_000_000_000)? else { panic!("nobody signed it") };
/// assert_eq!((refusal.answer.status, refusal.reason.code.code()), (200, "timestamp-missing"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct OpenSeller {
    engine: Arc<dyn Engine>,
    handle: SellerHandle,
}

/// Why a call of a seller gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SellerError {
    /// The core refused the call.
    Call(CallError),
    /// The engine failed around the core.
    Engine(EngineError),
}

impl SellerError {
    /// A stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Call(error) => &error.code,
            Self::Engine(error) => error.code(),
        }
    }
}

impl fmt::Display for SellerError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(out),
            Self::Engine(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for SellerError {}

impl From<EngineError> for SellerError {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<CallError> for SellerError {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl Drop for OpenSeller {
    fn drop(&mut self) {
        self.engine.close(self.handle);
    }
}

impl OpenSeller {
    /// Opens a seller from its configuration, a JSON document.
    ///
    /// # Errors
    /// [`SellerError::Call`] with every mistake of the configuration, or what kept the engine from asking.
    pub fn open(engine: Arc<dyn Engine>, configuration: &[u8]) -> Result<Self, SellerError> {
        match engine.open(configuration) {
            Ok(handle) => Ok(Self { engine, handle }),
            Err(OpenError::Refused { answer, .. }) => match abi::answer::<u32>(&answer) {
                Err(error) => Err(error.into()),
                Ok(_) => Err(EngineError::Malformed.into()),
            },
            Err(OpenError::Engine(error)) => Err(error.into()),
        }
    }

    /// The engine's name: `wasm` or `native`.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        self.engine.name()
    }
}

/// A method for each operation of the core's table but those that open and close sellers.
macro_rules! methods {
    ($(
        $(#[doc = $doc:literal])+
        $number:literal $constant:ident: $receiver:ident.$name:ident($($argument:ident: $kind:tt),*)
            $(framed ($($framed:ident),+))? -> $output:ty $(as $format:ident)?;
    )*) => {
        $(methods! {
            @$receiver {
                $(#[doc = $doc])+
                #[doc = ""]
                #[doc = "# Errors"]
                #[doc = "What the core says, or [`SellerError::Engine`]."]
            }
            $constant $name($($argument: $kind),*) -> $output
        })*
    };
    (@sellers $about:tt $constant:ident $name:ident $arguments:tt -> $output:ty) => {};
    (@$receiver:ident { $($about:tt)+ }
        $constant:ident $name:ident($($argument:ident: $kind:tt),*) -> $output:ty) => {
        impl OpenSeller {
            $($about)+
            pub fn $name(
                &self,
                $($argument: countersign_core::argument!($kind)),*
            ) -> Result<$output, SellerError> {
                let request = requests::$name(self.handle.get(), $($argument),*);
                answer(&*self.engine, operation::$constant, &request)
            }
        }
    };
}

countersign_core::operations!(methods);

/// One call and its answer.
pub(crate) fn answer<T: abi::Decode>(
    engine: &dyn Engine,
    operation: u32,
    request: &[u8],
) -> Result<T, SellerError> {
    Ok(abi::answer(&engine.call(operation, request)?)?)
}
