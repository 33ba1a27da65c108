#pragma once

#include <optional>

#include <QDBusConnection>
#include <QDBusMessage>
#include <QObject>
#include <QPalette>

#include "app/studio/theme/tokens.h"

namespace switchyard::studio {

/// Whether the desktop wants dark or light, and less motion, now and when that changes: what the
/// desktop portal says (color-scheme and reduced-motion of org.freedesktop.appearance,
/// enable-animations of GNOME), else the ground of the platform's palette, and motion. GUI thread;
/// never waits for the desktop.
class SystemScheme : public QObject {
  Q_OBJECT
public:
  explicit SystemScheme(const QPalette& palette, QObject* parent = nullptr);

  Shade shade() const { return m_portal ? *m_portal : m_palette; }
  bool reducesMotion() const { return m_reduced || m_still; }
  /// The platform's palette is another one.
  void takePalette(const QPalette& palette);
  /// Asks the portal at `service` of this bus, and listens to it. Nobody there: nothing changes.
  void listen(const QDBusConnection& bus, const QString& service);
  /// listen() on the session's bus, if the session has one; none is started.
  void listenToSession();

Q_SIGNALS:
  void changed(); ///< shade() is another one, or reducesMotion()

private Q_SLOTS:
  void onSettingChanged(const QDBusMessage& message);

private:
  void take(const QString& space, const QString& key, const QVariant& value);
  void takeScheme(uint asked);

  Shade m_palette;
  std::optional<Shade> m_portal; ///< nothing: no portal, or no preference
  bool m_reduced = false;        ///< of every desktop
  bool m_still = false;          ///< of GNOME: no animations
};

} // namespace switchyard::studio
