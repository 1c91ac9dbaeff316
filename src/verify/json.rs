//! The JSON of an answer, as the host parsed it: only the parts that a question can look at.

use core::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The deepest level that is kept. No answer that is looked at has more.
const DEEPEST: u8 = 8;

/// A value of JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Json {
    /// Absent, or `null`, or too deep to be looked at.
    #[default]
    Nothing,
    /// A number or a boolean.
    Scalar,
    /// A text.
    Text(String),
    /// An array.
    List(Vec<Self>),
    /// An object.
    Object(Vec<(String, Self)>),
}

impl Json {
    /// The member of an object; nothing for every other value.
    pub(super) fn member(&self, name: &str) -> &Self {
        let Self::Object(members) = self else { return &Self::Nothing };
        members.iter().find(|(own, _)| own == name).map_or(&Self::Nothing, |(_, value)| value)
    }

    /// The first item of a list; nothing for every other value.
    pub(super) fn first(&self) -> &Self {
        let Self::List(items) = self else { return &Self::Nothing };
        items.first().unwrap_or(&Self::Nothing)
    }

    /// The text; `None` for every other value.
    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The texts of a list; `None` if it is no list or has another value in it.
    pub(super) fn texts(&self) -> Option<Vec<&str>> {
        if let Self::List(items) = self { items.iter().map(Self::text).collect() } else { None }
    }

    /// The names of an object's members.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let members = if let Self::Object(members) = self { members.as_slice() } else { &[] };
        members.iter().map(|(name, _)| name.as_str())
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        JsonDepth(0).deserialize(deserializer)
    }
}

/// Reads a value at this level.
#[derive(Clone, Copy)]
struct JsonDepth(u8);

impl JsonDepth {
    const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl<'de> DeserializeSeed<'de> for JsonDepth {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        if self.0 > DEEPEST {
            IgnoredAny::deserialize(deserializer)?;
            return Ok(Json::Nothing);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for JsonDepth {
    type Value = Json;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value of JSON")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Scalar)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Scalar)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Json, E> {
        Ok(Json::Scalar)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Scalar)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_none<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Nothing)
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.next())? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(name) = members.next_key::<String>()? {
            object.push((name, members.next_value_seed(self.next())?));
        }
        Ok(Json::Object(object))
    }
}
