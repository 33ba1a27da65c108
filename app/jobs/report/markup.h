#pragma once

#include <string>
#include <string_view>

namespace switchyard::jobs::report {

/// Text of anybody (prompts, labels, token texts, file names) for HTML content and attributes:
/// markup characters become entities, bytes that are not UTF-8 U+FFFD, control characters and
/// those that turn the direction of writing a visible "[U+202E]".
std::string htmlText(std::string_view text);

/// The same for the inside of a <script> element that holds JSON: nothing in it ends the element.
std::string scriptText(std::string_view json);

/// The same without escapes, for what draws text as it is.
std::string plainText(std::string_view text);

/// An SVG document as a data: URI for the src of an <img>.
std::string svgUri(std::string_view svg);

/// The same for Markdown: characters that mean something to it are escaped, line feeds are blanks.
std::string markdownText(std::string_view text);

} // namespace switchyard::jobs::report
