//! The certificates of a local Xero that is reached under Xero's own names.
//!
//! An authority made for one start signs one certificate. Its name constraints (RFC 5280 section 4.2.1.10) permit only the
//! names below, so that a program that trusts it trusts it for nothing else. The host makes the keys and signs; it throws
//! the authority's key away.

use core::time::Duration;

use signature::Keypair;
use x509_cert::TbsCertificate;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{self, Builder as _, CertificateBuilder};
use x509_cert::der::asn1::{Any, BitString, GeneralizedTime, Ia5String, ObjectIdentifier, OctetString, Utf8StringRef};
use x509_cert::der::{self, Decode as _, Document, Encode as _};
use x509_cert::ext::pkix::constraints::name::{GeneralSubtree, NameConstraints};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName,
    SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension as _};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{
    AlgorithmIdentifierOwned, DynSignatureAlgorithmIdentifier, EncodePublicKey, SubjectPublicKeyInfoOwned,
    SubjectPublicKeyInfoRef,
};
use x509_cert::time::{Time, Validity};

use super::proxy::HOSTS;
use crate::error::{Code, Error};
use crate::time::Timestamp;

/// The addresses of this machine in the certificate, and the mask of each in the name constraints.
const LOOPBACK_V4: [u8; 4] = [127, 0, 0, 1];
const LOOPBACK_V6: [u8; 16] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

/// The validity of both certificates.
const DAY: Duration = Duration::from_hours(24);

const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");

/// A certificate to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateKind {
    /// That of the authority, which programs are to trust.
    Authority,
    /// That of the server, signed by the authority.
    Server,
}

/// The parts of a certificate that the host provides.
#[derive(Clone, Copy, Debug)]
pub struct CertificateRequest<'a> {
    /// The certificate to make.
    pub kind: CertificateKind,
    /// The public key of its subject: `SubjectPublicKeyInfo` in DER, of an elliptic curve.
    pub key: &'a [u8],
    /// The public key of the authority, in the same form.
    pub authority: &'a [u8],
    /// The serial number: 8 to 19 random bytes.
    pub serial: &'a [u8],
    /// The instant from which it is valid, for a day.
    pub now: Timestamp,
}

impl CertificateRequest<'_> {
    /// Returns the bytes that the authority signs with ECDSA and SHA-256.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] if a key or the serial number cannot be used.
    pub fn to_sign(&self) -> Result<Vec<u8>, Error> {
        self.builder().and_then(|mut builder| builder.finalize(&self.signer()?)).map_err(refused)
    }

    /// Returns the certificate in DER. `signature` is that of [`CertificateRequest::to_sign`], in DER.
    ///
    /// # Errors
    /// As [`CertificateRequest::to_sign`].
    pub fn signed(&self, signature: &[u8]) -> Result<Vec<u8>, Error> {
        let made = || {
            let (mut builder, signer) = (self.builder()?, self.signer()?);
            builder.finalize(&signer)?;
            let certificate = builder.assemble(BitString::from_bytes(signature)?, &signer)?;
            Ok::<_, builder::Error>(certificate.to_der()?)
        };
        made().map_err(refused)
    }

    fn builder(&self) -> builder::Result<CertificateBuilder<CertificateKind>> {
        let instant = |timestamp: Timestamp| -> der::Result<Time> {
            Ok(GeneralizedTime::from_unix_duration(Duration::from_secs(timestamp.as_ms() / 1_000))?.into())
        };
        let ends = self.now.plus(u64::try_from(DAY.as_millis()).unwrap_or(u64::MAX));
        let validity = Validity::new(instant(self.now)?, instant(ends)?);
        let key = SubjectPublicKeyInfoOwned::from_der(self.key)?;
        CertificateBuilder::new(self.kind, SerialNumber::new(self.serial)?, validity, key)
    }

    fn signer(&self) -> builder::Result<HostSigner> {
        Ok(HostSigner(SubjectPublicKeyInfoOwned::from_der(self.authority)?))
    }
}

/// A name of one part, the common name. It is not read from a text, because the reader would bring a table of all object
/// identifiers along, which is a fifteenth of the module.
fn named(text: &str) -> der::Result<Name> {
    let attribute = AttributeTypeAndValue { oid: COMMON_NAME, value: Any::encode_from(&Utf8StringRef::new(text)?)? };
    let mut part = RelativeDistinguishedName::default();
    part.insert(attribute)?;
    let mut parts = RdnSequence::default();
    parts.push(part);
    Name::from_der(&parts.to_der()?)
}

fn refused(error: impl core::fmt::Display) -> Error {
    Error::new(Code::InvalidOption, format!("the certificate of the local Xero cannot be made: {error}"))
}

/// The authority's key, as far as this module knows it: the public half.
#[derive(Clone)]
struct HostSigner(SubjectPublicKeyInfoOwned);

impl Keypair for HostSigner {
    type VerifyingKey = Self;

    fn verifying_key(&self) -> Self {
        self.clone()
    }
}

impl EncodePublicKey for HostSigner {
    fn to_public_key_der(&self) -> x509_cert::spki::Result<Document> {
        Document::try_from(&self.0)
    }
}

impl DynSignatureAlgorithmIdentifier for HostSigner {
    fn signature_algorithm_identifier(&self) -> x509_cert::spki::Result<AlgorithmIdentifierOwned> {
        Ok(AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA256, parameters: None })
    }
}

impl BuilderProfile for CertificateKind {
    fn get_issuer(&self, _: &Name) -> Name {
        Self::Authority.get_subject()
    }

    fn get_subject(&self) -> Name {
        let text = match self {
            Self::Authority => "xero-m2m local Xero: authority for one day",
            Self::Server => "xero-m2m local Xero",
        };
        named(text).unwrap_or_default()
    }

    fn build_extensions(
        &self,
        key: SubjectPublicKeyInfoRef<'_>,
        authority: SubjectPublicKeyInfoRef<'_>,
        certificate: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        let mut extensions = Vec::new();
        let subject = certificate.subject();
        macro_rules! add {
            ($extension:expr) => {
                extensions.push($extension.to_extension(subject, &extensions)?)
            };
        }
        add!(SubjectKeyIdentifier::try_from(key)?);
        add!(AuthorityKeyIdentifier::try_from(authority)?);
        match self {
            Self::Authority => {
                add!(BasicConstraints { ca: true, path_len_constraint: Some(0) });
                add!(KeyUsage(KeyUsages::KeyCertSign.into()));
                let tree = |base| GeneralSubtree { base, minimum: 0, maximum: None };
                let permitted = names(true)?.into_iter().map(tree).collect();
                add!(NameConstraints { permitted_subtrees: Some(permitted), excluded_subtrees: None });
            }
            Self::Server => {
                add!(BasicConstraints { ca: false, path_len_constraint: None });
                add!(KeyUsage(KeyUsages::DigitalSignature.into()));
                add!(ExtendedKeyUsage(vec![SERVER_AUTH]));
                add!(SubjectAltName(names(false)?));
            }
        }
        Ok(extensions)
    }
}

/// The names of the certificate: Xero's hosts and this machine. With `masked` as name constraints have them.
fn names(masked: bool) -> der::Result<Vec<GeneralName>> {
    let mut names = Vec::new();
    for host in HOSTS.into_iter().chain(["localhost"]) {
        names.push(GeneralName::DnsName(Ia5String::new(host)?));
    }
    for address in [LOOPBACK_V4.as_slice(), &LOOPBACK_V6] {
        let mask = address.iter().map(|_| u8::MAX).filter(|_| masked);
        let bytes: Vec<u8> = address.iter().copied().chain(mask).collect();
        names.push(GeneralName::IpAddress(OctetString::new(bytes)?));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_that_of_its_text() {
        let own = CertificateKind::Server.get_subject();
        assert_eq!(own, "CN=xero-m2m local Xero".parse().unwrap());
        assert!(!own.is_empty());
    }

    #[test]
    fn a_key_or_a_serial_number_that_cannot_be_used_is_refused() {
        let now = Timestamp::from_ms(1_795_000_000_000);
        let given =
            CertificateRequest { kind: CertificateKind::Server, key: &[], authority: &[1], serial: &[1; 16], now };
        for request in
            [given, CertificateRequest { serial: &[1; 40], ..given }, CertificateRequest { serial: &[], ..given }]
        {
            assert_eq!(request.to_sign().unwrap_err().code(), Code::InvalidOption);
            assert_eq!(request.signed(&[]).unwrap_err().code(), Code::InvalidOption);
        }
    }
}
