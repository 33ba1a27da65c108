// Light or dark as the desktop says, also when that changes while the program runs.

#include <gtest/gtest.h>

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusServer>
#include <QDBusVariant>
#include <QDBusVirtualObject>
#include <QWindow>

#include "app/studio/theme/system_scheme.h"
#include "app/studio/theme/theme.h"
#include "tests/studio/wait.h"

namespace switchyard::studio {
namespace {

using tests::waitFor;

constexpr const char* kPath = "/org/freedesktop/portal/desktop";
constexpr const char* kInterface = "org.freedesktop.portal.Settings";

/// A desktop portal that answers on a connection of its own, without a bus.
class Portal : public QDBusVirtualObject {
public:
  Portal() : m_server("unix:tmpdir=/tmp") {
    connect(&m_server, &QDBusServer::newConnection, this,
            [this](const QDBusConnection& connection) {
              m_connection = std::make_unique<QDBusConnection>(connection);
              m_connection->registerVirtualObject(kPath, this);
            });
  }
  QString address() const { return m_server.address(); }
  bool isConnected() const { return m_connection != nullptr; }
  void change(const QString& space, const QString& key, const QVariant& value) {
    QDBusMessage message = QDBusMessage::createSignal(kPath, kInterface, "SettingChanged");
    message << space << key << QVariant::fromValue(QDBusVariant(value));
    m_connection->send(message);
  }
  QString introspect(const QString&) const override { return {}; }
  bool handleMessage(const QDBusMessage& message, const QDBusConnection& connection) override {
    if (message.member() != "Read")
      return false;
    const QString key = message.arguments().value(1).toString();
    questions << key;
    if (!answers.contains(key))
      return connection.send(
          message.createErrorReply("org.freedesktop.portal.Error.NotFound", key));
    const QVariant inner = QVariant::fromValue(QDBusVariant(answers[key]));
    return connection.send(message.createReply(QVariant::fromValue(QDBusVariant(inner))));
  }

  QVariantMap answers; ///< by key
  QStringList questions;

private:
  QDBusServer m_server;
  std::unique_ptr<QDBusConnection> m_connection;
};

class SchemeTest : public testing::Test {
protected:
  SchemeTest() : bus(QDBusConnection::connectToPeer(portal.address(), "portal")) {}
  ~SchemeTest() override { QDBusConnection::disconnectFromPeer("portal"); }

  Portal portal;
  QDBusConnection bus;
};

QPalette ground(const QColor& color) {
  QPalette palette;
  palette.setColor(QPalette::Window, color);
  return palette;
}

TEST_F(SchemeTest, FollowsThePortal) {
  ASSERT_TRUE(waitFor([&] { return portal.isConnected(); }));
  portal.answers["color-scheme"] = 1u;
  SystemScheme scheme(ground(Qt::white));
  int changes = 0;
  QObject::connect(&scheme, &SystemScheme::changed, [&] { ++changes; });
  EXPECT_EQ(scheme.shade(), Shade::Light);
  scheme.listen(bus, {});
  ASSERT_TRUE(waitFor([&] { return scheme.shade() == Shade::Dark; }));
  EXPECT_EQ(portal.questions.count("color-scheme"), 1);
  portal.change("org.freedesktop.appearance", "color-scheme", 2u);
  ASSERT_TRUE(waitFor([&] { return scheme.shade() == Shade::Light; }));
  EXPECT_EQ(changes, 2);
  portal.change("org.freedesktop.appearance", "accent-color", 1u);
  portal.change("org.example.other", "color-scheme", 1u);
  portal.change("org.freedesktop.appearance", "color-scheme", 1u);
  ASSERT_TRUE(waitFor([&] { return scheme.shade() == Shade::Dark; }));
  EXPECT_EQ(changes, 3) << "other settings do not count";
  // No preference: the palette decides.
  portal.change("org.freedesktop.appearance", "color-scheme", 0u);
  ASSERT_TRUE(waitFor([&] { return scheme.shade() == Shade::Light; }));
  scheme.takePalette(ground(Qt::black));
  EXPECT_EQ(scheme.shade(), Shade::Dark);
}

TEST_F(SchemeTest, TheDesktopReducesMotion) {
  ASSERT_TRUE(waitFor([&] { return portal.isConnected(); }));
  portal.answers["enable-animations"] = false; // GNOME; the other key is not known there
  SystemScheme scheme(ground(Qt::white));
  int changes = 0;
  QObject::connect(&scheme, &SystemScheme::changed, [&] { ++changes; });
  EXPECT_FALSE(scheme.reducesMotion());
  scheme.listen(bus, {});
  ASSERT_TRUE(waitFor([&] { return scheme.reducesMotion(); }));
  portal.change("org.gnome.desktop.interface", "enable-animations", true);
  ASSERT_TRUE(waitFor([&] { return !scheme.reducesMotion(); }));
  portal.change("org.freedesktop.appearance", "reduced-motion", 1u);
  ASSERT_TRUE(waitFor([&] { return scheme.reducesMotion(); }));
  EXPECT_EQ(changes, 3);
  EXPECT_EQ(scheme.shade(), Shade::Light);
}

TEST_F(SchemeTest, NobodyThereChangesNothing) {
  SystemScheme scheme(ground(Qt::black));
  scheme.listen(QDBusConnection("nobody"), "org.freedesktop.portal.Desktop");
  EXPECT_EQ(scheme.shade(), Shade::Dark);
}

TEST(ThemeFollowsTheSystem, WhileItRunsUnlessTheUserChose) {
  Theme& theme = Theme::instance();
  const ThemeChoice before = theme.choice();
  theme.setChoice(ThemeChoice::System);
  int repaints = 0;
  const auto connection = QObject::connect(&theme, &Theme::changed, [&] { ++repaints; });
  theme.system().takePalette(ground(Qt::black));
  EXPECT_TRUE(theme.isDark());
  EXPECT_EQ(QApplication::palette().color(QPalette::Window).name(), "#18191c");
  EXPECT_EQ(repaints, 1);
  theme.setChoice(ThemeChoice::Light);
  theme.system().takePalette(ground(Qt::white));
  theme.system().takePalette(ground(Qt::black));
  EXPECT_FALSE(theme.isDark()) << "fixed by the user";
  theme.setChoice(ThemeChoice::System);
  EXPECT_TRUE(theme.isDark());
  // A new platform theme is looked at: that of the test platform is light.
  QWindow window;
  QEvent event(QEvent::ThemeChange);
  QApplication::sendEvent(&window, &event);
  EXPECT_FALSE(theme.isDark());
  EXPECT_EQ(QApplication::palette().color(QPalette::Window).name(), "#ebedef")
      << "our colours again";
  QObject::disconnect(connection);
  theme.setChoice(before);
}

} // namespace
} // namespace switchyard::studio
