#include "app/studio/theme/system_scheme.h"

#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QFileInfo>

namespace switchyard::studio {

namespace {

constexpr const char* kPath = "/org/freedesktop/portal/desktop";
constexpr const char* kInterface = "org.freedesktop.portal.Settings";

struct Setting {
  const char* space;
  const char* key;
};
constexpr Setting kScheme{"org.freedesktop.appearance", "color-scheme"};
constexpr Setting kReduced{"org.freedesktop.appearance", "reduced-motion"};
constexpr Setting kAnimations{"org.gnome.desktop.interface", "enable-animations"};

Shade shadeOf(const QPalette& palette) {
  return palette.color(QPalette::Window).lightness() < 128 ? Shade::Dark : Shade::Light;
}

} // namespace

SystemScheme::SystemScheme(const QPalette& palette, QObject* parent)
    : QObject(parent), m_palette(shadeOf(palette)) {}

void SystemScheme::takePalette(const QPalette& palette) {
  const Shade before = shade();
  m_palette = shadeOf(palette);
  if (shade() != before)
    Q_EMIT changed();
}

void SystemScheme::listenToSession() {
  const bool there = !qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS") ||
                     QFileInfo::exists(qEnvironmentVariable("XDG_RUNTIME_DIR") + "/bus");
  if (there)
    listen(QDBusConnection::sessionBus(), "org.freedesktop.portal.Desktop");
}

void SystemScheme::listen(const QDBusConnection& bus, const QString& service) {
  QDBusConnection connection = bus;
  if (!connection.isConnected())
    return;
  connection.connect(service, kPath, kInterface, "SettingChanged", this,
                     SLOT(onSettingChanged(QDBusMessage)));
  for (const Setting& setting : {kScheme, kReduced, kAnimations}) {
    QDBusMessage question = QDBusMessage::createMethodCall(service, kPath, kInterface, "Read");
    question << QString(setting.space) << QString(setting.key);
    auto* answer = new QDBusPendingCallWatcher(connection.asyncCall(question), this);
    connect(answer, &QDBusPendingCallWatcher::finished, this, [this, answer, setting] {
      const QDBusPendingReply<QDBusVariant> reply = *answer;
      if (!reply.isError()) // a desktop need not know all of them
        take(setting.space, setting.key, reply.value().variant());
      answer->deleteLater();
    });
  }
}

void SystemScheme::onSettingChanged(const QDBusMessage& message) {
  const QList<QVariant> parts = message.arguments(); // namespace, key, value
  if (parts.size() == 3)
    take(parts[0].toString(), parts[1].toString(), parts[2]);
}

void SystemScheme::take(const QString& space, const QString& key, const QVariant& value) {
  QVariant inner = value; // Read() wraps it twice
  while (inner.canConvert<QDBusVariant>())
    inner = inner.value<QDBusVariant>().variant();
  const auto is = [&](const Setting& setting) {
    return space == setting.space && key == setting.key;
  };
  const bool before = reducesMotion();
  if (is(kScheme))
    takeScheme(inner.toUInt());
  else if (is(kReduced))
    m_reduced = inner.toUInt() == 1;
  else if (is(kAnimations))
    m_still = !inner.toBool();
  if (reducesMotion() != before)
    Q_EMIT changed();
}

/// 1: dark, 2: light, else no preference.
void SystemScheme::takeScheme(uint asked) {
  const Shade before = shade();
  m_portal = asked == 1   ? std::optional(Shade::Dark)
             : asked == 2 ? std::optional(Shade::Light)
                          : std::nullopt;
  if (shade() != before)
    Q_EMIT changed();
}

} // namespace switchyard::studio
