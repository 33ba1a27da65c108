#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "app/studio/document/item.h"

namespace switchyard::studio {

/// Whether the recordings of live text are put into the session file, or named like other files.
enum class Recordings { Inside, ByPath };

/// An item as JSON text; results, recipes and (Inside) recordings are in it, files by path. A
/// recording that cannot be packed is named by its path, with a sentence in `left`.
std::string itemText(const Item& item, const QString& folder, Recordings recordings,
                     std::vector<std::string>& left);
/// The reverse; recordings are unpacked unless their file is still there, files are opened. A file
/// that cannot be opened gives an item without payload and a sentence in `missing`. Error
/// InvalidFormat.
base::Result<Item> parseItem(const nlohmann::json& json, const QString& folder,
                             const base::Where& where, std::vector<std::string>& missing);

} // namespace switchyard::studio
