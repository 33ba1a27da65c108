<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US">
<context>
    <name>switchyard::studio::Document</name>
    <message numerus="yes">
        <source>%n step(s)</source>
        <translation>
            <numerusform>%n step</numerusform>
            <numerusform>%n steps</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>switchyard::studio::LogPanel</name>
    <message numerus="yes">
        <source>%n line(s)</source>
        <translation>
            <numerusform>%n line</numerusform>
            <numerusform>%n lines</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>switchyard::studio::MainWindow</name>
    <message numerus="yes">
        <source>%n error(s), not read</source>
        <translation>
            <numerusform>%n error, not read</numerusform>
            <numerusform>%n errors, not read</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Unsaved work from %1 was found: %n change(s).</source>
        <translation>
            <numerusform>Unsaved work from %1 was found: %n change.</numerusform>
            <numerusform>Unsaved work from %1 was found: %n changes.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n change(s) recovered.</source>
        <translation>
            <numerusform>%n change recovered.</numerusform>
            <numerusform>%n changes recovered.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n token(s) of text that was being generated were kept.</source>
        <translation>
            <numerusform>%n token of text that was being generated was kept.</numerusform>
            <numerusform>%n tokens of text that was being generated were kept.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>switchyard::studio::Opener</name>
    <message numerus="yes">
        <source>%n step(s)</source>
        <translation>
            <numerusform>%n step</numerusform>
            <numerusform>%n steps</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>switchyard::studio::Palette</name>
    <message numerus="yes">
        <source>%n result(s)</source>
        <translation>
            <numerusform>%n result</numerusform>
            <numerusform>%n results</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>switchyard::studio::StatusBar</name>
    <message numerus="yes">
        <source>jobs: %n running</source>
        <translation>
            <numerusform>jobs: %n running</numerusform>
            <numerusform>jobs: %n running</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>log: %n error(s)</source>
        <translation>
            <numerusform>log: %n error</numerusform>
            <numerusform>log: %n errors</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>switchyard::studio::Workbench</name>
    <message numerus="yes">
        <source>%n step(s)</source>
        <translation>
            <numerusform>%n step</numerusform>
            <numerusform>%n steps</numerusform>
        </translation>
    </message>
</context>
</TS>
