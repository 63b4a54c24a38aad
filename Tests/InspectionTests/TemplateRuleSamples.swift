import Inspection

extension RuleSample {
    private static func template(_ rule: RuleID, _ hit: String, _ nearMiss: String? = nil) -> RuleSample {
        .init(rule, .template(hit), butNot: nearMiss.map(Sample.template))
    }

    static let templates: [RuleSample] = [
        template(.templateMalformed, "{{ x", "{{ x }}"),
        .init(.templateUnread, .template(String(repeating: "x", count: (512 << 10) + 1))),
        template(.templateDunder, "{{ ''.__class__ }}", "{{ ''.class }}"),
        template(.templateDunder, "{{ x['__class__'] }}", "{{ x['class'] }}"),
        template(.templateDunder, "{{ x['__cla' ~ 'ss__'] }}", "{{ x['cla' ~ 'ss'] }}"),
        template(.templateDunder, "{% set a = ['__', 'class', '__']|join %}", "{% set a = ['a', 'class', 'b']|join %}"),
        template(.templateDunder, "{{ x['**class**'|replace('*', '_')] }}", "{{ x['a b'|replace(' ', '_')] }}"),
        template(.templateDunder, "{{ x['__ssalc__'[::-1]] }}", "{{ x['ssalc'[::-1]] }}"),
        template(.templateDunder, "{{ x['__CLASS__'|lower] }}", "{{ x['CLASS'|lower] }}"),
        template(.templateDunder, "{{ x['%s%s'|format('__cla', 'ss__')] }}", "{{ '%s%s'|format('a', 'b') }}"),
        template(.templateDunder, "{{ x|map(attribute='__class__') }}", "{{ x|map(attribute='name') }}"),
        template(.templateDunder, "{{ x['__mystery__'] }}", "{{ '<__media__>' }}"),
        template(.templateDunder, "{{ dict(__cla=1) }}", "{{ dict(cla=1) }}"),
        template(.templateDunder, "{{ ('_' * 2 ~ 'class' ~ '_' * 2) }}", "{{ ('-' * 2 ~ 'class' ~ '-' * 2) }}"),
        template(.templateUnsafeAttribute, "{{ x.mro() }}", "{{ x.more }}"),
        template(.templateUnsafeAttribute, "{{ x._private }}", "{{ x.private }}"),
        template(.templateUnsafeAttribute, "{{ x.system('id') }}", "{{ x.system }}"),
        template(.templateUnsafeAttribute, "{{ x|attr('_p') }}"),
        template(.templateUnsafeName, "{{ lipsum }}", "{{ lorem }}"),
        template(.templateUnsafeName, "{{ namespace }}", "{% set ns = namespace(a=1) %}"),
        template(.templateUnsafeName, "{{ config }}", "{% set config = 1 %}{{ config }}"),
        template(.templateUnsafeName, "{{ cycler('a', 'b') }}", "{{ loop.cycle('a', 'b') }}"),
        template(.templateUnsafeName, "{{ request.x }}", "{{ message.request }}"),
        template(.templateEscapedName, #"{{ x['\x63lass'] }}"#, #"{{ x['\u2581'] }}"#),
        template(.templateAttributeFilter, "{{ x|attr('name') }}", "{{ x.name }}"),
        template(.templateAttributeFilter, "{{ x|map(attribute=y) }}", "{{ x|map(attribute='y') }}"),
        template(.templateAttributeFilter, "{{ x|map('attr', 'y') }}", "{{ x|map('upper') }}"),
        template(.templateAttributeFilter, "{{ x|selectattr(y) }}", "{{ x|selectattr('y') }}"),
        template(.templateStringBuilding, "{% set u = '_' %}", "{% set u = '-' %}"),
        template(.templateStringBuilding, "{{ x ~ '__' }}", "{{ x.split('__') }}"),
        template(.templateStringBuilding, "{{ '%c' % 95 }}", "{{ '%d' % 95 }}"),
        template(.templateStringBuilding, "{{ '{0.x}'.format(y) }}", "{{ '{0}'.format(y) }}"),
        template(.templateStringBuilding, "{{ y.format(x) }}"),
        template(.templateStringBuilding, "{{ ()|select|string|list }}", "{{ x|string }}"),
        template(.templateStringBuilding, "{{ dict(_=1)|first }}", "{{ dict(a=1)|first }}"),
        template(.templateImport, "{% include 'x' %}", "{{ include }}"),
        template(.templateImport, "{% from 'x' import y %}"),
        template(.templateImport, "{% extends 'x' %}"),
        template(.templateUnknownCall, "{{ chr(95) }}", "{{ range(95) }}"),
        template(.templateUnknownCall, "{{ x.read() }}", "{{ x.strip() }}"),
        template(.templateUnknownFilter, "{{ x|shell }}", "{{ x|trim }}"),
        template(.templateUnknownFilter, "{{ x is weird }}", "{{ x is not defined }}"),
        template(.templateUnknownTag, "{% debug %}", "{% generation %}{% endgeneration %}"),
        template(.templateUnusualName, "{{ mеssage }}", "{{ message }}"),
        template(
            .templateExpensive, "{% for i in range(1000000) %}{% endfor %}", "{% for i in range(1000) %}{% endfor %}"),
        template(
            .templateExpensive, "{% for i in range(1000) %}{% for j in range(1000) %}{% endfor %}{% endfor %}",
            "{% for i in range(1000) %}{% endfor %}{% for j in range(1000) %}{% endfor %}"),
        template(.templateExpensive, "{{ 'x' * 1000000 }}", "{{ 'x' * 10 }}"),
        template(.templateExpensive, "{{ 9 ** 9 }}", "{{ f(**kwargs) }}"),
    ]
}
