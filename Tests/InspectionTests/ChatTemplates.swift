/// Templates written for these tests in the style of well-known models, and attacks on them.
enum ChatTemplates {
    static let benign: [(String, String)] = [
        ("chatml", chatML), ("header ids", headers), ("instructions with tools", tools), ("turns", turns),
        ("reasoning", reasoning), ("macros", macros), ("multimodal", multimodal),
    ]

    private static let chatML = """
        {%- for message in messages -%}
        {%- if loop.first and message['role'] != 'system' -%}
        {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' -}}
        {%- endif -%}
        {{- '<|im_start|>' + message['role'] + '\\n' + (message['content'] | trim) + '<|im_end|>' + '\\n' -}}
        {%- endfor -%}
        {%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}
        """

    private static let headers = """
        {{- bos_token }}
        {%- if custom_tools is defined %}{%- set tools = custom_tools %}{%- endif %}
        {%- if not date_string is defined %}
            {%- if strftime_now is defined %}{%- set date_string = strftime_now("%d %b %Y") %}
            {%- else %}{%- set date_string = "26 Jul 2024" %}{%- endif %}
        {%- endif %}
        {%- if messages[0]['role'] == 'system' %}
            {%- set system_message = messages[0]['content']|trim %}{%- set messages = messages[1:] %}
        {%- else %}{%- set system_message = "" %}{%- endif %}
        {{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}{{- "Today Date: " + date_string + "\\n\\n" }}
        {%- if tools is not none and not tools_in_user_message %}
            {{- 'Respond in the format {"name": function name, "parameters": dictionary of arguments}.' }}
            {%- for t in tools %}{{- t | tojson(indent=4) }}{{- "\\n\\n" }}{%- endfor %}
        {%- endif %}
        {%- for message in messages %}
            {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
                {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim
                    + '<|eot_id|>' }}
            {%- elif 'tool_calls' in message %}
                {%- if not message.tool_calls|length == 1 %}
                    {{- raise_exception("This model only supports single tool-calls at once!") }}
                {%- endif %}
                {%- set tool_call = message.tool_calls[0].function %}
                {{- '{"name": "' + tool_call.name + '", ' }}{{- '"parameters": ' }}{{- tool_call.arguments | tojson }}
                    {{- "}" }}
            {%- elif message.content is mapping or message.content is iterable %}{{- message.content | tojson }}
            {%- endif %}
        {%- endfor %}
        """

    private static let tools = """
        {%- set loop_messages = messages if messages[0]["role"] != "system" else messages[1:] %}
        {%- set user_messages = loop_messages | selectattr("role", "equalto", "user") | list %}
        {%- set ns = namespace() %}{%- set ns.index = 0 %}
        {%- for message in loop_messages %}
            {%- if not (message.role == "tool" or (message.tool_calls is defined and message.tool_calls is not none)) %}
                {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}
                    {{- raise_exception("Roles must alternate user and assistant") }}
                {%- endif %}
                {%- set ns.index = ns.index + 1 %}
            {%- endif %}
        {%- endfor %}
        {%- for message in loop_messages %}
            {%- if message["role"] == "user" %}
                {%- if tools is not none and (message == user_messages[-1]) %}
                    {{- "[AVAILABLE_TOOLS] [" }}
                    {%- for tool in tools %}{%- set tool = tool.function %}
                        {{- '{"type": "function", "function": {' }}
                        {%- for key, val in tool.items() if key != "return" %}
                            {%- if val is string %}{{- '"' + key + '": "' + val + '"' }}
                            {%- else %}{{- '"' + key + '": ' + val|tojson }}{%- endif %}
                            {%- if not loop.last %}{{- ", " }}{%- endif %}
                        {%- endfor %}
                        {{- "}}" }}
                    {%- endfor %}
                    {{- "[/AVAILABLE_TOOLS]" }}
                {%- endif %}
                {{- "[INST] " + message["content"] + "[/INST]" }}
            {%- elif message["role"] == "tool_results" or message["role"] == "tool" %}
                {%- set content = message.content.content if message.content.content is defined else message.content %}
                {%- if not message.tool_call_id is defined or message.tool_call_id|length != 9 %}
                    {{- raise_exception("Tool call IDs should be alphanumeric strings with length 9!") }}
                {%- endif %}
                {{- '[TOOL_RESULTS] {"content": ' + content|string + ', "call_id": "' + message.tool_call_id
                    + '"}[/TOOL_RESULTS]' }}
            {%- else %}{{- " " + message["content"]|trim + eos_token }}
            {%- endif %}
        {%- endfor %}
        """

    private static let turns = """
        {{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}
            {% endif %}
        {% for message in messages %}
        {% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate') }}
            {% endif %}
        {% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}
            {% endif %}
        {{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}
        {% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\\n'}}{% endif %}
        """

    private static let reasoning = """
        {%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
        {%- for message in messages[::-1] %}
            {%- set index = (messages|length - 1) - loop.index0 %}
            {%- if ns.multi_step_tool and message.role == "user" and message.content is string
                and not(message.content.startswith('<tool_response>')
                and message.content.endswith('</tool_response>')) %}
                {%- set ns.multi_step_tool = false %}{%- set ns.last_query_index = index %}
            {%- endif %}
        {%- endfor %}
        {%- for message in messages %}
            {%- set reasoning_content = '' %}{%- set content = message.content %}
            {%- if '</think>' in content %}
                {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n')
                    .split('<think>')[-1].lstrip('\\n') %}
                {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
            {%- endif %}
            {%- if loop.index0 > ns.last_query_index and (loop.last or (not loop.last and reasoning_content)) %}
                {{- '<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content }}
            {%- else %}{{- content }}{%- endif %}
        {%- endfor %}
        {%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}
            {%- endif %}
        """

    private static let macros = """
        {%- macro json_to_python_type(json_spec) %}
        {%- set basic_type_map = { "string": "str", "number": "float", "integer": "int", "boolean": "bool" } %}
        {%- if basic_type_map[json_spec.type] is defined %}{{- basic_type_map[json_spec.type] }}
        {%- elif json_spec.type == "array" %}{{- "List[" + json_to_python_type(json_spec.items) + "]" }}
        {%- elif json_spec.type is iterable %}
            {%- for t in json_spec.type %}{{- json_to_python_type({"type": t}) }}{%- if not loop.last %},{%- endif %}
                {%- endfor %}
        {%- else %}{{- "Any" }}{%- endif %}
        {%- endmacro %}
        {%- for tool in tools %}{%- set fn = tool.function or tool %}
            {{- fn.name }}{% for name, spec in fn.parameters.properties|dictsort %}{{ json_to_python_type(spec) }}
                {% endfor %}
        {%- endfor %}
        {%- generation %}{{- messages[-1].content | default('', true) | replace("\\t", " ") }}{%- endgeneration %}
        """

    private static let multimodal = """
        {%- for message in messages %}{{- message.role | capitalize ~ ':' }}
        {%- if message.content is string %}{{ message.content }}
        {%- else %}
            {%- for part in message.content | selectattr('type', 'equalto', 'image') %}{{ '<__media__>' }}{%- endfor %}
            {%- for part in message.content | rejectattr('type', 'equalto', 'image') | map(attribute='text') %}
                {{ part }}{%- endfor %}
        {%- endif %}
        {%- do counts.append(loop.index) %}{%- if loop.index > 100 %}{%- break %}{%- endif %}
        {%- endfor %}
        """

    /// Attacks that were published, with harmless commands.
    static let attacks = [
        "{% for c in [].__class__.__base__.__subclasses__() %}{% if c.__name__ == 'catch_warnings' %}"
            + "{{ c()._module.__builtins__['__import__']('os').system('id') }}{% endif %}{% endfor %}",
        "{{ ''|attr('__class__')|attr('__mro__')|attr('__getitem__')(1) }}",
        "{{ self._TemplateReference__context.cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ lipsum.__globals__['os'].popen('id').read() }}", "{{ cycler.next.__globals__ }}",
        "{{ request['application']['\\x5f\\x5fglobals\\x5f\\x5f'] }}", "{{ config.items() }}",
        "{{ getattr(getattr('', '__class__'), '__mro__') }}", "{{ ()|attr('\\137\\137class\\137\\137') }}",
        "{% include '/etc/passwd' %}", "{% import os as os %}", "{{ x[['__cl','ass__']|join] }}",
        "{{ x['__cla''ss__'] }}", "{{ x[dict(__class__=1)|list|first] }}", "{{ range.mro() }}",
        "{{ f.gi_frame.f_globals }}",
        "{{ '{0.__class__}'.format(x) }}", "{{ x|map(attribute='__class__.__mro__')|list }}", "{{ joiner|string }}",
        "{{ x['__SSALC__'|lower|reverse] }}", "{%- set a='__'~'class'~'__' -%}{{ x[a] }}", "{{ __builtins__ }}",
    ]

    /// Attacks in which no word gives them away.
    static let evasions = [
        "{% set u = '_' %}{{ x[u ~ u ~ c ~ u ~ u] }}", "{% set s = ()|select|string|list %}{{ x[s[24] * 2] }}",
        "{{ x|attr(name) }}", "{{ x|map('attr', name)|list }}", "{{ x|groupby(key) }}",
        "{{ ('%c' * 9)|format(95, 95) }}",
        "{{ x[(dict(_=1)|first) * 2] }}", "{{ chr(95) }}", "{{ (x ~ '__') }}", "{{ prompt.format(x) }}",
        "{{ x|select('callable')|shell }}", "{% debug %}", "{{ x.decode('hex') }}",
    ]
}
