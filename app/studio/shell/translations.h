#pragma once

namespace switchyard::studio {

/// Installs the program's texts in the language of the user where there is a translation (English
/// otherwise: plural forms), and Qt's own. Needs the QApplication.
void installTranslations();

} // namespace switchyard::studio
