#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "app/studio/document/item.h"

namespace switchyard::studio {

/// An item as JSON text; results and recipes are inside, files by path.
std::string itemText(const Item& item, const QString& folder);
/// The reverse; files are opened. A file that cannot be opened gives an item without payload and a
/// sentence in `missing`. Error InvalidFormat.
base::Result<Item> parseItem(const nlohmann::json& json, const QString& folder,
                             const base::Where& where, std::vector<std::string>& missing);

} // namespace switchyard::studio
